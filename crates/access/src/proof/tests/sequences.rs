//! Which sessions are open, and what they prove, after whatever was done in whatever order.

use base::rights::Act;
use proptest::prelude::*;
use store::testing::TestDatabase;

use super::*;
use crate::grants::ADMINISTRATOR;
use crate::own::NewPassword;
use crate::sessions::{Entry, Whence};
use crate::{password, store as sql};

/// What is said in a session that has ended.
const GONE: &str = "Unauthenticated";
const FROM: Whence<'_> = Whence { address: "192.0.2.7", browser: "" };

/// Something that is done. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    SignIn,
    EnterCode(usize),
    TurnOn(usize),
    TurnOff(usize),
    RenewCodes(usize),
    ChangePassword(usize),
    SignOut(usize),
    ResetPassword,
    ResetFactor,
    Close,
    Open,
    Give,
    Take,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = || any::<u8>().prop_map(usize::from);
    let step = prop_oneof![
        4 => Just(Step::SignIn),
        3 => at().prop_map(Step::EnterCode),
        3 => at().prop_map(Step::TurnOn),
        2 => at().prop_map(Step::TurnOff),
        1 => at().prop_map(Step::RenewCodes),
        1 => at().prop_map(Step::ChangePassword),
        1 => at().prop_map(Step::SignOut),
        1 => Just(Step::ResetPassword),
        1 => Just(Step::ResetFactor),
        1 => Just(Step::Close),
        2 => Just(Step::Open),
        2 => Just(Step::Give),
        1 => Just(Step::Take),
    ];
    proptest::collection::vec(step, 1..14)
}

/// What ought to be so.
#[derive(Debug, Default)]
struct Model {
    password: String,
    is_closed: bool,
    has_role: bool,
    /// The recovery codes that were not used; none without a factor.
    codes: Option<Vec<String>>,
    /// Every session that there ever was: its token, whether it is open, what it proved.
    sessions: Vec<(String, bool, bool)>,
    /// Whoever gave the password and not yet the code.
    halves: Vec<(String, bool)>,
}

impl Model {
    fn end_all_but(&mut self, kept: Option<usize>) {
        for (at, session) in self.sessions.iter_mut().enumerate() {
            session.1 &= Some(at) == kept;
        }
        self.halves.iter_mut().for_each(|half| half.1 = false);
    }

    fn at(&self, choice: usize) -> Option<(usize, String, bool)> {
        let at = choice.checked_rem(self.sessions.len())?;
        let (token, is_open, _) = &self.sessions[at];
        Some((at, token.clone(), *is_open))
    }

    fn has_sessions(&self) -> usize {
        self.sessions.iter().filter(|session| session.1).count()
    }
}

async fn take(access: &Access, id: &str, model: &mut Model, step: &Step) {
    match step {
        Step::SignIn => {
            match (access.sign_in("an", &model.password, &FROM).await, model.codes.is_some()) {
                (Ok(Entry::Half(token)), true) => model.halves.push((token, true)),
                (Ok(Entry::Session(token)), false) => model.sessions.push((token, true, false)),
                (Err(_), _) => assert!(model.is_closed),
                (entry, has) => panic!("{entry:?} with a factor: {has}"),
            }
        }
        Step::EnterCode(choice) => {
            let Some(at) = choice.checked_rem(model.halves.len()) else { return };
            let (half, is_open) = model.halves[at].clone();
            let code = model.codes.as_mut().and_then(Vec::pop).unwrap_or_default();
            let entered = access.enter_code(&half, &code, &FROM).await;
            match is_open && !code.is_empty() {
                true => {
                    model.halves[at].1 = false;
                    model.sessions.push((entered.unwrap(), true, true));
                }
                false => {
                    entered.unwrap_err();
                    if let Some(codes) = model.codes.as_mut().filter(|_| !code.is_empty()) {
                        codes.push(code);
                    }
                }
            }
        }
        Step::TurnOn(choice) => {
            let Some((at, token, is_open)) = model.at(*choice) else { return };
            let owner = Owner::of(id.to_owned(), &token, "");
            match (is_open, model.codes.is_some()) {
                (false, _) => refused(access.begin_factor(&owner).await, GONE),
                (true, true) => refused(access.begin_factor(&owner).await, "access.has_factor"),
                (true, false) => {
                    model.codes = Some(turn_on(access, &owner, &token).await.unwrap());
                    model.end_all_but(Some(at));
                    model.sessions[at].2 = true;
                }
            }
        }
        Step::TurnOff(choice) => {
            let Some((at, token, is_open)) = model.at(*choice) else { return };
            let ended = access.end_factor(&Owner::of(id.to_owned(), &token, "")).await;
            match is_open {
                false => refused(ended, GONE),
                true => {
                    assert_eq!(ended.unwrap(), model.codes.is_some());
                    if model.codes.take().is_some() {
                        model.end_all_but(Some(at));
                        model.sessions[at].2 = false;
                    }
                }
            }
        }
        _ => take_other(access, id, model, step).await,
    }
}

async fn take_other(access: &Access, id: &str, model: &mut Model, step: &Step) {
    match step {
        Step::RenewCodes(choice) => {
            let Some((at, token, is_open)) = model.at(*choice) else { return };
            let renewed = access.renew_codes(&Owner::of(id.to_owned(), &token, "")).await;
            match (is_open, model.codes.is_some()) {
                (false, _) => refused(renewed, GONE),
                (true, false) => refused(renewed, "access.not_begun"),
                (true, true) => {
                    model.codes = Some(renewed.unwrap());
                    model.end_all_but(Some(at));
                }
            }
        }
        Step::ChangePassword(choice) => {
            let Some((at, token, is_open)) = model.at(*choice) else { return };
            let new = format!("con trau gam co {}", access.now().0);
            let sent = NewPassword { old: &model.password, new: &new, again: &new };
            let changed = access.change_password("an", &sent, (&token, "")).await;
            match is_open {
                false => drop(changed.unwrap_err()),
                true => {
                    changed.unwrap();
                    model.password = new;
                    model.end_all_but(Some(at));
                }
            }
        }
        Step::SignOut(choice) => {
            let Some((at, token, _)) = model.at(*choice) else { return };
            access.sign_out(&token).await.unwrap();
            model.sessions[at].1 = false;
        }
        Step::ResetPassword => {
            model.password = access.reset_password(OPERATOR, "an").await.unwrap();
            model.end_all_but(None);
        }
        Step::ResetFactor => {
            let had = access.reset_factor(OPERATOR, "an").await.unwrap();
            assert_eq!(had, model.codes.take().is_some());
            model.end_all_but(None);
        }
        Step::Close | Step::Open => {
            model.is_closed = matches!(step, Step::Close);
            access.close_account(OPERATOR, "an", model.is_closed).await.unwrap();
            model.end_all_but(None);
        }
        Step::Give => {
            let given = access.give_role(OPERATOR, "an", ADMINISTRATOR).await;
            assert_eq!(given.is_ok(), !model.has_role);
            model.has_role = true;
        }
        Step::Take => {
            let taken = access.take_role(OPERATOR, "an", ADMINISTRATOR).await;
            assert_eq!(taken.is_ok(), model.has_role);
            model.has_role = false;
        }
        other => panic!("{other:?} of session {id}"),
    }
}

/// Every session that ever was stands as the model has it, and may do what it proved and no more.
async fn compare(access: &Access, model: &Model, step: &Step) {
    for (token, is_open, is_strong) in &model.sessions {
        let visitor = access.find_session(token).await.unwrap();
        assert_eq!(visitor.is_some(), *is_open, "after {step:?}: {model:?}");
        let Some(visitor) = visitor else { continue };
        let publishes = visitor.rights.allow(Act::Publish);
        let gives = visitor.rights.allow(Act::AssignRights);
        let expected = (model.has_role, model.has_role && *is_strong);
        assert_eq!((publishes, gives), expected, "after {step:?}: {model:?}");
    }
}

#[test]
fn sessions_end_and_prove_as_the_model_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    proptest!(config, |(steps in steps())| {
        runtime.block_on(async {
            for database in TestDatabase::each().await {
                let time = Time::new(&database.database);
                let access = time.at(0);
                let password = access.add_account(OPERATOR, "an").await.unwrap();
                let id = access.account("an").await.unwrap().id;
                let mut model = Model { password, ..Model::default() };
                for (at, step) in steps.iter().enumerate() {
                    // Each step has a code of its own, and no failure of one slows the next.
                    let access = time.at(60 * i64::try_from(at + 1).unwrap());
                    take(&access, &id, &mut model, step).await;
                    compare(&access, &model, step).await;
                }
                assert!(model.has_sessions() <= steps.len());
            }
        });
    });
}

/// Whoever resets a password, closes an account or turns a factor on while somebody signs in finds no
/// session left behind that was opened by what was before.
#[tokio::test]
async fn nobody_slips_in_beside_a_change() {
    for database in TestDatabase::each().await {
        for what in ["password", "close", "factor"] {
            let name = format!("an-{what}");
            let access = Time::new(&database.database).at(0);
            let password = access.add_account(OPERATOR, &name).await.unwrap();
            let id = access.account(&name).await.unwrap().id;
            let new = password::hash("con trau gam co").await.unwrap();
            let mut tx = database.write().await.unwrap();
            match what {
                "password" => sql::set_password(&mut tx, &id, &new).await.unwrap(),
                "close" => sql::close_account(&mut tx, &id, Some(access.now())).await.unwrap(),
                _ => {
                    crate::proof::store::lock(&mut tx, &id).await.unwrap();
                    let sql = "insert into second_factors (account, secret, begun_at, \
                               confirmed_at, last_step) values ($1, $2, 1, 1, 1)";
                    tx.run(sql, store::values![&id, vec![0_u8]]).await.unwrap();
                }
            }
            let signing = {
                let (access, name) = (access.clone(), name.clone());
                tokio::spawn(async move { access.sign_in(&name, &password, &FROM).await })
            };
            // One thread checks all passwords in turn, so that the one above is checked by then.
            for _ in 0..3 {
                password::matches("x", None).await.unwrap();
                tokio::task::yield_now().await;
            }
            tx.commit().await.unwrap();
            let entry = signing.await.unwrap();
            let is_let_in = matches!(entry, Ok(Entry::Session(_)));
            assert!(!is_let_in, "{what}: {entry:?}");
            assert_eq!(entry.is_ok(), what == "factor");
        }
    }
}
