//! Consents: nobody agrees for somebody else, and withdrawing is as easy as giving.

use ::store::values;
use base::{Error, Id};
use lang::Lang;

use super::*;
use crate::Channel;
use crate::testing::{Desk, person};

fn new(desk: &Desk) -> NewConsent {
    NewConsent {
        id: Id::new(&desk.clock),
        purpose: "notices".to_owned(),
        text_version: 1,
        lang: Lang::Khmer,
        channel: Channel::Counter,
        person: person(),
        desk: None,
        agreed: true,
        made_up: false,
    }
}

#[tokio::test]
async fn a_consent_is_given_by_its_owner_to_the_text_of_the_day_and_withdrawn_without_a_reason() {
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        for (wrong, place) in [
            (NewConsent { agreed: false, ..new(&desk) }, "agreed"),
            (NewConsent { text_version: 2, ..new(&desk) }, "purpose"),
            (NewConsent { purpose: "other".to_owned(), ..new(&desk) }, "purpose"),
        ] {
            let Err(Error::Invalid(errors)) = give(&mut tx, desk.cx(), wrong).await else {
                panic!("{place} was taken");
            };
            assert_eq!(errors[0].place, place);
        }
        let given = give(&mut tx, desk.cx(), new(&desk)).await.unwrap();
        let purpose = desk.definitions.consent_purpose("notices").unwrap();
        let words = purpose.text(1).unwrap().text.say(Lang::Khmer);
        let hash = journal::content_hash(&[b"sogoc consent text 1", words.as_bytes()]);
        assert_eq!(given.consent.text_hash, hash);
        let id = &given.consent.id;
        let withdrawn = withdraw(&mut tx, desk.cx(), id, Channel::Online).await.unwrap();
        assert_eq!(withdrawn.state, State::Withdrawn);
        let again = withdraw(&mut tx, desk.cx(), id, Channel::Online).await;
        assert!(matches!(again, Err(Error::Refused { code: "consents.over", .. })));
        assert_eq!(crate::verify(&mut tx, Some(&desk.vault)).await.unwrap(), (2, Vec::new()));
        let sql = "update consent_versions set text_version = 2 where version = 1";
        tx.run(sql, values![]).await.unwrap();
        assert_eq!(crate::verify(&mut tx, None).await.unwrap().1.len(), 1);
    }
}

#[test]
fn a_consent_is_only_ever_given_withdrawn_and_erased() {
    let states = [None, Some(State::Given), Some(State::Withdrawn), Some(State::Erased)];
    let allowed = |before, after| can_follow(before, after);
    let count =
        states.iter().flat_map(|before| State::ALL.iter().map(move |after| (*before, *after)));
    assert_eq!(count.filter(|(before, after)| allowed(*before, *after)).count(), 3);
}
