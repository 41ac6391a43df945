//! What the vault keeps shut, and what it opens.

use base::{Error, Moment};
use proptest::prelude::*;
use store::testing::TestDatabase;
use store::{Database, values};
use zeroize::Zeroizing;

use super::{
    Column, Keys, Over, Place, Token, Vault, end, is_used, mask_citizen_number, normalised, noted,
    sealed_by, usage,
};

const HERE: Place<'_> = Place { table: "people", column: "number", row: "7" };

fn seal(vault: &Vault, place: Place<'_>, field: &[u8]) -> Vec<u8> {
    sealed_by(vault.keys().newest(), place, field, base::random_bytes()).unwrap()
}

/// The code of a refusal.
fn refused(error: &Error) -> &str {
    match error {
        Error::Refused { code, .. } => code,
        other => panic!("{other}"),
    }
}

/// The same keys and one more.
fn rotated(vault: &Vault) -> Vault {
    Vault::new(Keys::clone(&vault.keys()).and_one_more(2))
}

proptest! {
    #[test]
    fn what_was_sealed_opens_at_its_place_alone(
        field in proptest::collection::vec(any::<u8>(), 0..80),
        (table, column, row) in ("[a-z]{0,3}", "[a-z]{0,3}", "[a-z0-9]{0,3}"),
    ) {
        let vault = Vault::new(Keys::generate());
        let sealed = seal(&vault, HERE, &field);
        prop_assert_eq!(&vault.open(HERE, &sealed).unwrap()[..], &field[..]);
        for other in [
            Place { table: &table, ..HERE },
            Place { column: &column, ..HERE },
            Place { row: &row, ..HERE },
            Place { table: &table, column: &column, row: &row },
            // The same letters, cut elsewhere.
            Place { table: "peoplen", column: "umber", row: "7" },
        ] {
            prop_assert_eq!(vault.open(other, &sealed).is_ok(), other == HERE);
        }
    }

    #[test]
    fn a_flipped_bit_does_not_open(
        field in proptest::collection::vec(any::<u8>(), 0..40),
        place: proptest::sample::Index,
        bit in 0..8_u8,
    ) {
        let vault = Vault::new(Keys::generate());
        let mut sealed = seal(&vault, HERE, &field);
        let at = place.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(vault.open(HERE, &sealed).is_err());
        prop_assert!(vault.open(HERE, &sealed[..at]).is_err());
    }

    #[test]
    fn texts_have_one_index_if_and_only_if_they_are_the_same_but_for_form(
        left in "[aAàÀđĐ ]{0,3}",
        right in "[aAàÀđĐ ]{0,3}",
    ) {
        let vault = Vault::new(Keys::generate());
        let same = vault.index("people", "name", &left) == vault.index("people", "name", &right);
        prop_assert_eq!(same, normalised(&left) == normalised(&right));
        prop_assert_ne!(vault.index("people", "name", &left), vault.index("people", "alias", &left));
    }

    #[test]
    fn a_file_of_keys_comes_back_as_it_was_and_no_text_breaks_its_reader(text in "\\PC{0,60}") {
        let vault = rotated(&Vault::new(Keys::generate()));
        let file = vault.keys().to_text(None).unwrap();
        let read = Keys::parse(&format!("# of the province\n\n{}", *file), None).unwrap();
        prop_assert_eq!(&*read.to_text(None).unwrap(), &*file);
        prop_assert!(read.are(&vault.keys()));
        let _ = Keys::parse(&text, None);
    }
}

#[test]
fn an_index_forgives_blanks_case_and_the_form_of_letters() {
    let vault = Vault::new(Keys::generate());
    let index = |text| vault.index("people", "name", text);
    assert_eq!(index("Trần Thị Bé"), index("  tra\u{302}\u{300}n  THỊ bé\n"));
    assert_ne!(index("Trần Thị Bé"), index("Tran Thi Be"));
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let old = Vault::new(Keys::generate());
    let sealed = seal(&old, HERE, b"093205001234");
    let new = rotated(&old);
    assert_eq!(&new.open(HERE, &sealed).unwrap()[..], b"093205001234");
    let later = seal(&new, HERE, b"093205001234");
    assert!(old.open(HERE, &later).is_err());
    assert_eq!(&new.open(HERE, &later).unwrap()[..], b"093205001234");
    assert_eq!(old.index("people", "number", "1"), new.index("people", "number", "1"));
    let other = Vault::new(Keys::generate());
    assert!(other.open(HERE, &sealed).is_err());
    assert_ne!(old.index("people", "number", "1"), other.index("people", "number", "1"));
    // The same field twice looks different.
    assert_ne!(seal(&old, HERE, b"x"), seal(&old, HERE, b"x"));
}

#[test]
fn files_that_are_none_are_refused_without_a_word_of_what_they_hold() {
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    Keys::parse(&format!("1 {key}\n"), None).unwrap();
    for bad in [
        String::new(),
        "# only words\n".to_owned(),
        key.to_owned(),
        format!("x {key}"),
        format!("-1 {key}"),
        format!("4294967296 {key}"),
        format!("1 {key}\n1 {key}"),
        format!("1 {}", &key[4..]),
        format!("1 {key}AAAA"),
        format!("1 {key} {key}"),
    ] {
        let error = Keys::parse(&bad, None).unwrap_err();
        assert!(!format!("{error:?} {error}").contains(&key[8..20]), "{error:?}");
    }
    assert_eq!(format!("{:?}", Keys::parse(&format!("7 {key}"), None).unwrap()), "Keys([7])");
}

#[tokio::test]
async fn keys_that_sealed_something_are_missed_when_they_are_gone() {
    for database in TestDatabase::each().await {
        let vault = Vault::new(Keys::generate());
        let mut tx = database.database.write().await.unwrap();
        assert!(!is_used(&mut tx).await.unwrap() && vault.fits(&mut tx).await.unwrap());
        for _ in 0..2 {
            let sealed = vault.seal(&mut tx, HERE, b"x", Moment(0)).await.unwrap();
            assert_eq!(&vault.open(HERE, &sealed).unwrap()[..], b"x");
        }
        assert!(is_used(&mut tx).await.unwrap());
        let other = Vault::new(Keys::generate());
        for (vault, fits) in [(&vault, true), (&rotated(&vault), true), (&other, false)] {
            assert_eq!(vault.fits(&mut tx).await.unwrap(), fits);
        }
    }
}

#[test]
fn citizen_numbers_show_their_province_and_their_end() {
    for (number, masked) in [
        ("093205001234", "093*****1234"),
        (" 093205001234 ", "093*****1234"),
        ("", "************"),
        ("361234567", "************"),
        ("0932050012345", "************"),
        ("09320500123x", "************"),
        ("không có số gì", "************"),
    ] {
        assert_eq!(mask_citizen_number(number), masked, "{number}");
    }
}

/// A token that turns bits, and cannot be asked once it is pulled out.
#[derive(Debug)]
struct Turning {
    key: &'static str,
    is_there: bool,
}

impl Token for Turning {
    fn key(&self) -> &str {
        self.key
    }

    fn wrap(&self, root: &[u8]) -> base::Result<Vec<u8>> {
        Ok(root.iter().map(|byte| !byte).collect())
    }

    fn unwrap(&self, key: &str, wrapped: &[u8]) -> base::Result<Zeroizing<Vec<u8>>> {
        match self.is_there && key == self.key {
            true => Ok(Zeroizing::new(wrapped.iter().map(|byte| !byte).collect())),
            false => Err(Error::Unavailable("pulled out".into())),
        }
    }
}

#[test]
fn keys_that_a_token_wrapped_open_with_it_alone() {
    let keys = Keys::generate().and_one_more(2);
    let token = Turning { key: "k", is_there: true };
    let file = keys.to_text(Some(&token)).unwrap();
    assert!(file.lines().all(|line| line.split(' ').nth(1) == Some("k")), "{}", *file);
    let plain = keys.to_text(None).unwrap();
    let roots = plain.lines().map(|line| line.split(' ').nth(1).unwrap());
    assert!(roots.into_iter().all(|root| !file.contains(root)));
    let read = Keys::parse(&file, Some(&token)).unwrap();
    assert!(read.are(&keys) && !read.are(&Keys::generate()));
    assert!(read.numbers().eq([(1, Some("k")), (2, Some("k"))]));
    assert!(keys.numbers().eq([(1, None), (2, None)]));
    // Some wrapped and some not, as after a key was added by hand.
    let mixed = format!("{}\n{}", file.lines().next().unwrap(), plain.lines().last().unwrap());
    assert!(Keys::parse(&mixed, Some(&token)).unwrap().are(&keys));
    for other in [
        None,
        Some(Turning { key: "k", is_there: false }),
        Some(Turning { key: "other", is_there: true }),
    ] {
        assert!(Keys::parse(&file, other.as_ref().map(|it| it as &dyn Token)).is_err());
    }
}

const COLUMN: Column =
    Column { name: Some("field"), ..Column::new("sealed_things", "secret", "id") };

/// More than one transaction takes, some by each key.
async fn fill(database: &Database, vaults: &[&Vault], count: usize) {
    let mut tx = database.write().await.unwrap();
    let blob = if tx.engine() == store::Engine::Sqlite { "blob" } else { "bytea" };
    let sql = format!("create table sealed_things (id text, field text, secret {blob} not null)");
    tx.run_built(sql, values![]).await.unwrap();
    for at in 0..count {
        let (row, field) = (format!("r{}", at / 3), ["a", "b", "c"][at % 3]);
        let place = Place { table: COLUMN.table, column: field, row: &row };
        let vault = vaults[at % vaults.len()];
        let sealed = vault.seal(&mut tx, place, row.as_bytes(), Moment(0)).await.unwrap();
        let sql = "insert into sealed_things (id, field, secret) values ($1, $2, $3)";
        tx.run(sql, values![row, field, sealed]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn all_is_sealed_anew_by_the_newest_key_and_then_older_ones_can_go() {
    for database in TestDatabase::each().await {
        let first = Vault::new(Keys::generate());
        let second = rotated(&first);
        let third = Vault::new(Keys::clone(&second.keys()).and_one_more(3));
        fill(&database.database, &[&first, &second, &third], 1300).await;
        let mut tx = database.database.write().await.unwrap();
        let used = usage(&mut tx, &[COLUMN]).await.unwrap();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), [(1, 434), (2, 433), (3, 433)]);
        tx.commit().await.unwrap();
        let clock = base::Clock::fixed(Moment(1));
        let mut told = 0;
        let done = third.reseal(&database.database, &[COLUMN], &clock, |some| told += some);
        assert_eq!((done.await.unwrap(), told), (867, 867));
        let again = third.reseal(&database.database, &[COLUMN], &clock, |_| ());
        assert_eq!(again.await.unwrap(), 0);

        let mut tx = database.database.write().await.unwrap();
        let used = usage(&mut tx, &[COLUMN]).await.unwrap();
        assert_eq!(used.into_iter().collect::<Vec<_>>(), [(3, 1300)]);
        end(&mut tx, 2, Over::Retired, Moment(2)).await.unwrap();
        let fewer = Vault::new(Keys::clone(&third.keys()).without(2).without(1));
        assert!(fewer.keys().numbers().eq([(1, None), (3, None)]), "the index needs the first");
        assert!(fewer.fits(&mut tx).await.unwrap() && !first.fits(&mut tx).await.unwrap());
        // A program that has not taken the new keys seals nothing by one that is gone from the file.
        let late = second.seal(&mut tx, HERE, b"x", Moment(3)).await.unwrap_err();
        assert_eq!(refused(&late), "vault.key_is_over");
        let sql = "select id, field, secret from sealed_things";
        let rows: Vec<(String, String, Vec<u8>)> = tx.all(sql, values![]).await.unwrap();
        for (row, field, sealed) in rows {
            let place = Place { table: COLUMN.table, column: &field, row: &row };
            assert_eq!(&fewer.open(place, &sealed).unwrap()[..], row.as_bytes());
            assert_eq!(refused(&second.open(place, &sealed).unwrap_err()), "vault.lost_key");
        }
        // All copies take the keys that fit, and none other.
        let copy = second.clone();
        assert!(second.take(&mut tx, Keys::clone(&fewer.keys())).await.unwrap());
        assert!(copy.keys().are(&fewer.keys()));
        assert!(!second.take(&mut tx, Keys::generate()).await.unwrap());
        assert!(copy.keys().are(&fewer.keys()));
        let noted = noted(&mut tx).await.unwrap();
        assert_eq!(noted, [(1, None), (2, Some(Over::Retired)), (3, None)]);
    }
}

#[tokio::test]
async fn a_lost_key_is_given_up_and_its_number_goes_to_no_other() {
    for database in TestDatabase::each().await {
        let lost = Vault::new(Keys::generate());
        let mut tx = database.database.write().await.unwrap();
        let sealed = lost.seal(&mut tx, HERE, b"x", Moment(0)).await.unwrap();
        let next = Vault::new(Keys::starting_at(2));
        assert!(!next.fits(&mut tx).await.unwrap());
        end(&mut tx, 1, Over::Lost, Moment(1)).await.unwrap();
        assert!(!is_used(&mut tx).await.unwrap() && next.fits(&mut tx).await.unwrap());
        assert_eq!(refused(&next.open(HERE, &sealed).unwrap_err()), "vault.lost_key");
        assert!(!Vault::new(Keys::generate()).fits(&mut tx).await.unwrap(), "another key 1");
        next.seal(&mut tx, HERE, b"y", Moment(2)).await.unwrap();
        assert!(is_used(&mut tx).await.unwrap());
    }
}
