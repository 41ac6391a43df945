//! A desk for tests: a database with the packs, a vault, and a clock that a test sets.

use access::vault::{Keys, Vault};
use base::{Clock, Id, Moment};
use packs::{Catalogue, PackFiles};
use store::testing::TestDatabase;
use store::{Database, Tx};
use territory::Atlas;

use crate::office::{Context, Definitions};
use crate::requests::{Act, NewRequest, Received, StepKind, Version};
use crate::{Channel, NewPerson, Office, requests};

/// A Monday morning at nine.
pub(crate) const MONDAY: &str = "2026-11-23T02:00:00Z";
/// Its year of birth is in the future, so nobody has it.
pub(crate) const NUMBER: &str = "093905001234";
pub(crate) const NAME: &str = "Trần Thị Bé Mẫu";
pub(crate) const PHONE: &str = "0900000123";

pub(crate) struct Desk {
    pub(crate) database: TestDatabase,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) definitions: std::sync::Arc<Definitions>,
}

impl Desk {
    /// One over each engine that is to be had.
    pub(crate) async fn each() -> Vec<Self> {
        let mut desks = Vec::new();
        for database in TestDatabase::each().await {
            desks.push(Self::over(database).await);
        }
        desks
    }

    async fn over(database: TestDatabase) -> Self {
        let clock = Clock::fixed(MONDAY.parse().unwrap());
        let mut tx = database.write().await.unwrap();
        for name in ["rights", "working-calendar", "personal-data"] {
            let folder = format!("{}/../../packs/{name}", env!("CARGO_MANIFEST_DIR"));
            let files = PackFiles::from_folder(folder.as_ref()).unwrap();
            let pack = packs::read(&files, &Catalogue::default()).unwrap();
            packs::apply(&mut tx, &clock, "test", &pack).await.unwrap();
        }
        let atlas = Atlas::new(database.database.clone(), clock.clone());
        let office = Office::new(atlas, Vec::new(), Vec::new());
        let definitions = office.definitions(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        Self { database, vault: Vault::new(Keys::generate()), clock, definitions }
    }

    /// The same at another time.
    pub(crate) fn at(&mut self, moment: &str) {
        self.clock = Clock::fixed(moment.parse::<Moment>().unwrap());
    }

    pub(crate) fn office(&self) -> Office {
        let atlas = Atlas::new(self.database().clone(), self.clock.clone());
        Office::new(atlas, Vec::new(), Vec::new()).keeping(Some(self.vault.clone()))
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database.database
    }

    pub(crate) fn cx(&self) -> Context<'_> {
        let (clock, vault) = (&self.clock, &self.vault);
        Context { clock, actor: "an", definitions: &self.definitions, vault }
    }

    pub(crate) async fn receive(&self, tx: &mut Tx, kind: &str) -> Received {
        requests::receive(tx, self.cx(), self.new_request(kind)).await.unwrap()
    }

    pub(crate) fn new_request(&self, kind: &str) -> NewRequest {
        NewRequest {
            id: Id::new(&self.clock),
            kind: kind.to_owned(),
            channel: Channel::Counter,
            received_on: String::new(),
            person: person(),
            text: "Xin xóa số điện thoại cũ của tôi.".to_owned(),
            desk: None,
            made_up: false,
        }
    }

    /// Takes a step with whatever it needs.
    pub(crate) async fn act(&self, tx: &mut Tx, id: &str, step: StepKind) -> Version {
        let doing = self.doing(tx, id, step).await;
        requests::act(tx, self.cx(), id, &doing).await.unwrap()
    }

    pub(crate) async fn doing(&self, tx: &mut Tx, id: &str, step: StepKind) -> Act {
        Act {
            step,
            seen: requests::find(tx, id).await.unwrap().unwrap().version,
            how: "card".to_owned(),
            outcome: "granted".to_owned(),
            law: String::new(),
            words: "Đã gọi điện cho chị Bé.".to_owned(),
            desk: None,
        }
    }

    /// A request that went all the way.
    pub(crate) async fn closed(&self, tx: &mut Tx) -> String {
        let id = self.receive(tx, "erase").await.request.id;
        for step in [StepKind::Identify, StepKind::Answer, StepKind::Decide, StepKind::Close] {
            self.act(tx, &id, step).await;
        }
        id
    }
}

pub(crate) fn person() -> NewPerson {
    NewPerson {
        name: NAME.to_owned(),
        number: "093 905 001 234".to_owned(),
        phone: PHONE.to_owned(),
        address: "Ấp Minh Họa, xã Vị Thủy".to_owned(),
    }
}
