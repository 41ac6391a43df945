//! Four eyes: whoever can come into an account is not the one who gives it what it may do.

use base::rights::{Act, Rights, Scope};
use base::{Day, DayRange};

use super::*;
use crate::grants::Book;
use crate::organisation::tests::{DECISION, World, a_post, an_agency, appointed, days};
use crate::organisation::{
    Bearer, Context, Manner, NewAssignment, NewHolding, PostId, Whose, appoint, assign,
    link_account, store as organisation,
};

fn role_to(bearer: Bearer) -> NewAssignment {
    NewAssignment {
        role: "reader".to_owned(),
        bearer,
        unit: None,
        valid: DayRange { from: "2025-01-01".parse().unwrap(), to: Day::MAX },
        decision: DECISION.to_owned(),
        made_up: true,
    }
}

/// A role that opens nothing guarded.
async fn declare(world: &World) {
    let words = r#"{"vi":"x","en":"x","km":"x"}"#;
    let body = format!(
        r#"{{"code":"reader","name":{words},"about":{words},"grants":[{{"acts":["publication.publish"],
        "reach":"province","data":"internal","from":"2020-01-01","document":{words}}}]}}"#
    );
    let mut tx = world.database.write().await.unwrap();
    let sql = "insert into definitions (kind, code, number, pack, body) \
               values ('role', 'reader', 1, 'test', $1)";
    tx.run(sql, store::values![body]).await.unwrap();
    let sql = "update revisions set number = number + 1 where name = 'definitions'";
    tx.run(sql, store::values![]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn nobody_makes_a_second_account_for_oneself_that_may_do_more() {
    for world in World::each().await {
        declare(&world).await;
        let access = Access::over(Vec::new(), world.atlas.clone());
        let mut rights = Rights::NONE;
        for act in [Act::Appoint, Act::ManageAccounts, Act::AssignRights, Act::ChangeAgencies] {
            rights.grant(act, Scope::everywhere());
        }
        let [an, binh, chi] = ["an", "binh", "chi"].map(|name| Actor { name, rights: &rights });
        for actor in [an, binh, chi] {
            access.add_account(OPERATOR, actor.name).await.unwrap();
        }
        let territory = world.territory().await;
        let operator = world.cx(&territory);
        let by = |actor| Context { actor, ..operator };
        let book = Book::default();
        let four = "access.four_eyes";

        access.add_account(an, "moi").await.unwrap();
        let moi = access.account("moi").await.unwrap().id;
        let mut tx = world.database.write().await.unwrap();
        let agency = an_agency(&mut tx, operator, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let title = (agency, "Chuyên viên", "2024-01-01");
        let post: PostId = a_post(&mut tx, operator, title, false).await.unwrap();
        let other = (agency, "Kế toán", "2024-01-01");
        let other: PostId = a_post(&mut tx, operator, other, false).await.unwrap();
        let held = appointed(&mut tx, operator, (other, "Trần Thị Mẫu"), days("2024-01-01", ""));
        let held = held.await.unwrap();
        let person = organisation::holdings_by(&mut tx, "id", &[held]).await.unwrap()[0].person;
        // By itself, by a post that its owner holds, by an appointment, by saying whose it is.
        let own = role_to(Bearer::Account(moi.clone()));
        refused(assign(&mut tx, (by(an), &book), own.clone()).await, four);
        refused(link_account(&mut tx, by(an), person, "moi").await, four);
        link_account(&mut tx, by(binh), person, "moi").await.unwrap();
        refused(assign(&mut tx, (by(an), &book), role_to(Bearer::Post(other))).await, four);
        let new = NewHolding {
            post,
            person: Whose::Known(person),
            manner: Manner::Appointed,
            valid: days("2024-01-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        refused(appoint(&mut tx, by(an), new.clone()).await, four);
        appoint(&mut tx, by(binh), new).await.unwrap();
        assign(&mut tx, (by(binh), &book), own).await.unwrap();
        tx.commit().await.unwrap();

        // And the reverse: whoever gave it something does not open it.
        refused(access.reset_password(binh, "moi").await, four);
        refused(access.reset_factor(binh, "moi").await, four);
        refused(access.draw_enrolment(binh, "moi").await, four);
        // Nor does the one who knows its password draw the rest.
        refused(access.draw_enrolment(an, "moi").await, four);
        access.draw_enrolment(chi, "moi").await.unwrap();
        access.reset_password(an, "moi").await.unwrap();
        refused(access.draw_enrolment(chi, "chi").await, "access.stronger_account");
        // Whoever runs the machine is asked where there is nobody else.
        access.draw_enrolment(OPERATOR, "moi").await.unwrap();
        access.add_account(an, "nua").await.unwrap();
        access.give_role(OPERATOR, "nua", "reader").await.unwrap();
        world.holds().await;
    }
}
