//! Retention: only what a report listed goes, what is on hold stays, and the journal holds.

use ::store::{Tx, uploads, values};
use access::trace::Filter;
use base::rights::Actor;
use base::{Error, Id};
use lang::Lang;

use super::*;
use crate::consents::{self, NewConsent};
use crate::testing::{Desk, NUMBER, person};
use crate::{Channel, locker, requests};

const LATER: &str = "2028-12-01T02:00:00Z";

async fn consent(desk: &Desk, tx: &mut Tx) -> String {
    let new = NewConsent {
        id: Id::new(&desk.clock),
        purpose: "survey".to_owned(),
        text_version: 1,
        lang: Lang::Vietnamese,
        channel: Channel::Online,
        person: person(),
        desk: None,
        agreed: true,
        made_up: false,
    };
    let id = consents::give(tx, desk.cx(), new).await.unwrap().consent.id;
    consents::withdraw(tx, desk.cx(), &id, Channel::Online).await.unwrap();
    id
}

#[tokio::test]
async fn what_a_report_listed_is_erased_and_the_journal_still_holds() {
    for mut desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let request = desk.closed(&mut tx).await;
        let consent = consent(&desk, &mut tx).await;
        let early = report(&mut tx, desk.cx(), &[]).await.unwrap();
        assert_eq!(items(&mut tx, &early).await.unwrap(), []);
        desk.at(LATER);
        let listed = report(&mut tx, desk.cx(), &[]).await.unwrap();
        // Closed after the report: not in it.
        let listed_records: Vec<String> =
            items(&mut tx, &listed).await.unwrap().into_iter().map(|it| it.record).collect();
        assert_eq!(listed_records, [request.clone(), consent.clone()]);
        assert_eq!(
            locker::open(&mut tx, &desk.vault, &request).await.unwrap()["number"].as_str(),
            NUMBER
        );
        let applied = apply(&mut tx, desk.cx(), &[], &listed).await.unwrap();
        assert_eq!(applied, Applied { deleted: 2, kept: 0 });
        assert!(locker::open(&mut tx, &desk.vault, &request).await.unwrap().is_empty());
        let person = locker::person(&desk.vault, NUMBER);
        assert!(crate::store::records_of(&mut tx, person, 9).await.unwrap().is_empty());
        let erased = requests::find(&mut tx, &request).await.unwrap().unwrap();
        assert_eq!(erased.standing.state, requests::State::Erased);
        let verified = crate::verify(&mut tx, Some(&desk.vault)).await.unwrap();
        assert_eq!(verified.1, Vec::<String>::new());
        let again = apply(&mut tx, desk.cx(), &[], &listed).await;
        assert!(matches!(again, Err(Error::Refused { code: "retention.applied", .. })));
        tx.run("update retention_items set deleted = 0", values![]).await.unwrap();
        assert_eq!(crate::verify(&mut tx, None).await.unwrap().1.len(), 1);
    }
}

#[tokio::test]
async fn an_open_request_of_the_same_person_keeps_everything_of_theirs() {
    for mut desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let request = desk.closed(&mut tx).await;
        desk.at(LATER);
        let listed = report(&mut tx, desk.cx(), &[]).await.unwrap();
        assert!(!items(&mut tx, &listed).await.unwrap()[0].held);
        // A complaint comes between the report and its application.
        desk.receive(&mut tx, "complain").await;
        let applied = apply(&mut tx, desk.cx(), &[], &listed).await.unwrap();
        assert_eq!(applied, Applied { deleted: 0, kept: 1 });
        assert!(!locker::open(&mut tx, &desk.vault, &request).await.unwrap().is_empty());
        let held = report(&mut tx, desk.cx(), &[]).await.unwrap();
        assert!(items(&mut tx, &held).await.unwrap()[0].held);
    }
}

#[tokio::test]
async fn what_is_not_listed_stays_and_a_longer_rule_wins() {
    for mut desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let first = desk.closed(&mut tx).await;
        desk.at(LATER);
        let listed = report(&mut tx, desk.cx(), &[]).await.unwrap();
        let mut longer = (*desk.definitions).clone();
        for rule in &mut longer.retention_rules {
            rule.keep = packs::Span::Years(10);
        }
        desk.definitions = std::sync::Arc::new(longer);
        let applied = apply(&mut tx, desk.cx(), &[], &listed).await.unwrap();
        assert_eq!(applied, Applied { deleted: 0, kept: 1 });
        assert!(!locker::open(&mut tx, &desk.vault, &first).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn areas_delete_what_is_older_than_their_rule_says() {
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let area = Area {
            what: packs::Kept::Uploads,
            count: |tx, at| Box::pin(uploads::count_before(tx, at)),
            forget: |tx, it| Box::pin(uploads::forget_before(tx, it.before)),
        };
        let sql = "insert into uploads (id, owner, purpose, seal, kept_at, size_bytes) \
                   values ($1, 'an', 'x', 'x', $2, 1)";
        let now = desk.clock.now().0;
        tx.run(sql, values!["old", now - 3 * 86_400_000_000]).await.unwrap();
        tx.run(sql, values!["new", now]).await.unwrap();
        let id = report(&mut tx, desk.cx(), &[area]).await.unwrap();
        let listed = items(&mut tx, &id).await.unwrap();
        assert_eq!((listed.len(), listed[0].amount), (1, 1));
        let applied = apply(&mut tx, desk.cx(), &[area], &id).await.unwrap();
        assert_eq!(applied, Applied { deleted: 1, kept: 0 });
        let left: Vec<(String,)> = tx.all("select id from uploads", values![]).await.unwrap();
        assert_eq!(left, [("new".to_owned(),)]);
    }
}

#[tokio::test]
async fn looks_lose_record_people_and_words_by_the_rule_of_the_pack_and_their_entries_hold() {
    for mut desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let id = desk.receive(&mut tx, "erase").await.request.id;
        let reader = Actor::operator("an");
        let records = [id.clone()];
        let (purpose, words) = ("contact", "gọi điện báo kết quả");
        let reading =
            crate::Reading { records: &records, desk: None, number: None, purpose, words };
        crate::trace(&mut tx, (desk.cx(), reader), &reading).await.unwrap();
        let area = Area {
            what: packs::Kept::Looks,
            count: |tx, before| Box::pin(access::trace::count_before(tx, before)),
            forget: |tx, it| {
                Box::pin(access::trace::erase_before(tx, it.clock, it.actor, it.before))
            },
        };
        for (at, erased) in [("2031-11-22T02:00:00Z", 0), ("2031-11-24T02:00:00Z", 1)] {
            desk.at(at);
            let listed = report(&mut tx, desk.cx(), &[area]).await.unwrap();
            assert_eq!(items(&mut tx, &listed).await.unwrap().len(), erased);
            let applied = apply(&mut tx, desk.cx(), &[area], &listed).await.unwrap();
            assert_eq!(applied.deleted, i64::try_from(erased).unwrap(), "{at}");
        }
        let verified = access::trace::verify(&mut tx, Some(&desk.vault)).await.unwrap();
        assert_eq!((verified.looks, verified.erased, verified.faults.len()), (1, 1, 0));
        let filter = Filter { subjects: Some(vec![id]), ..Filter::default() };
        let found = access::trace::list(&mut tx, &filter, None, 10).await.unwrap();
        assert_eq!(found.items, []);
    }
}
