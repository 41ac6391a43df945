//! Who is told by whom a count was recorded, and in which words: pages and API alike.

use access::organisation::{
    AgencyFacts, AgencyKind, Context as Office, Manner, NewAgency, NewHolding, NewPerson, NewPost,
    Places, Whose, add_post, appoint, establish,
};
use base::DayRange;
use base::rights::{Act, Rights, Scope};

use super::*;
use crate::observations::{Change, Correction, change};

const SOURCE: &str = "Sổ tay của ông Mẫu";
const REASON: &str = "bà Mẫu đếm lại";

/// Whoever holds a post and reports with the account `an`.
async fn official(program: &Program) {
    let operator = Actor::operator("t");
    let access = access::Access::over(Vec::new(), program.desk.atlas.clone());
    access.add_account(operator, "an").await.unwrap();
    let territory = program.territory().await;
    let mut tx = program.desk.database().write().await.unwrap();
    let cx = Office { clock: program.desk.clock(), actor: operator, territory: &territory };
    let decision = "01/QĐ-MẪU".to_owned();
    let from: Day = "2025-07-01".parse().unwrap();
    let facts = AgencyFacts {
        name: "Ủy ban nhân dân xã Mẫu".to_owned(),
        short_name: String::new(),
        symbol: "UBND".to_owned(),
        kind: AgencyKind::Committee,
        parent: None,
        unit: None,
    };
    let new = NewAgency { facts, on: from, decision: decision.clone(), made_up: true };
    let agency = establish(&mut tx, cx, new).await.unwrap();
    let new = NewPost {
        agency,
        title: "Công chức thống kê".to_owned(),
        signs_as: String::new(),
        leads: false,
        rank: 9,
        places: Places::Many,
        from,
        decision: decision.clone(),
        made_up: true,
    };
    let post = add_post(&mut tx, cx, new).await.unwrap();
    let person = NewPerson {
        name: "Trần Thị Mẫu".to_owned(),
        account: "an".to_owned(),
        ..NewPerson::default()
    };
    let new = NewHolding {
        post,
        person: Whose::New(person),
        manner: Manner::Appointed,
        valid: DayRange { from, to: Day::MAX },
        decision,
        made_up: true,
    };
    appoint(&mut tx, cx, new).await.unwrap();
    tx.commit().await.unwrap();
}

/// Reports a count as `an` and corrects it. Gives its id and its last entry.
async fn counted(program: &Program, unit: UnitId) -> (String, i64) {
    let count = program.count(unit, "households", "2025-Q2", 300).await;
    let count = NewObservation { source: SOURCE.to_owned(), made_up: false, ..count };
    let territory = program.territory().await;
    let mut tx = program.desk.database().write().await.unwrap();
    let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
    let actor = Actor { name: "an", rights: &OPERATOR };
    let clock = program.desk.clock();
    let cx = Context { clock, actor, catalogue: &catalogue, territory: &territory };
    let id = report(&mut tx, cx, vec![count]).await.unwrap().remove(0);
    let correction = Correction { id, version: 1, value: 301, reason: REASON.to_owned() };
    let changed = change(&mut tx, cx, Change::Correct(correction)).await.unwrap();
    tx.commit().await.unwrap();
    (changed.id, changed.entry)
}

#[tokio::test]
async fn everybody_sees_the_post_and_whoever_may_the_account() {
    for database in TestDatabase::each().await {
        let mut program = Program::over(database).await;
        official(&program).await;
        let territory = program.territory().await;
        let (here, there) = (hamlets(&territory)[0], hamlets(&territory)[1]);
        let (id, entry) = counted(&program, here).await;
        let may = |act, unit: UnitId| {
            let mut rights = Rights::NONE;
            let units = std::collections::BTreeSet::from([unit.0]);
            rights.grant(act, Scope { units, ..Scope::default() });
            Some(rights)
        };
        let mut own = Rights::NONE;
        own.grant(Act::ReadObservations, Scope { own: true, ..Scope::default() });
        for (who, name, rights, is_inside) in [
            ("nobody", "", None, false),
            ("of another unit", "binh", may(Act::ReadObservations, there), false),
            ("with another act", "binh", may(Act::ReadApprovals, here), false),
            ("of the unit", "binh", may(Act::ReadObservations, here), true),
            ("who made it", "an", Some(own), true),
        ] {
            let visitor = rights.map(|rights| Visitor {
                name: name.to_owned(),
                csrf: CSRF.to_owned(),
                rights: rights.into(),
            });
            program = Program::seen_by(program._database, program.desk, visitor);
            for (path, has_words) in [
                (format!("/observations/{id}"), true),
                (format!("/api/v1/observations/{id}"), true),
                (format!("/entries/{entry}"), false),
                (format!("/api/v1/entries/{entry}"), false),
            ] {
                let text = program.page(&path).await;
                let post = "Công chức thống kê, Ủy ban nhân dân xã Mẫu";
                assert_eq!(text.contains(post), !is_inside, "{who} {path}: {text}");
                let account = [">an<", "\"actor\":\"an\""].iter().any(|it| text.contains(it));
                assert_eq!(account, is_inside, "{who} {path}: {text}");
                for words in [SOURCE, REASON] {
                    assert_eq!(text.contains(words), is_inside && has_words, "{who} {path}");
                }
            }
        }
    }
}
