//! What the vault keeps shut, and what it opens.

use base::Moment;
use proptest::prelude::*;
use store::testing::TestDatabase;

use super::keys::Key;
use super::{Keys, Place, Vault, is_used, mask_citizen_number, normalised, sealed_by};

const HERE: Place<'_> = Place { table: "people", column: "number", row: "7" };

fn seal(vault: &Vault, place: Place<'_>, field: &[u8]) -> Vec<u8> {
    sealed_by(newest(vault), place, field, base::random_bytes()).unwrap()
}

fn newest(vault: &Vault) -> &Key {
    vault.0.newest()
}

/// The same keys and one more.
fn rotated(vault: &Vault) -> Vault {
    let more = Keys::generate().to_text().replacen("1 ", "2 ", 1);
    Vault::new(Keys::parse(&format!("{}{more}", *vault.0.to_text())).unwrap())
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
        let file = vault.0.to_text();
        let read = Keys::parse(&format!("# of the province\n\n{}", *file)).unwrap();
        prop_assert_eq!(&*read.to_text(), &*file);
        let _ = Keys::parse(&text);
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
    Keys::parse(&format!("1 {key}\n")).unwrap();
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
        let error = Keys::parse(&bad).unwrap_err();
        assert!(!format!("{error:?} {error}").contains(&key[8..20]), "{error:?}");
    }
    assert_eq!(format!("{:?}", Keys::parse(&format!("7 {key}")).unwrap()), "Keys([7])");
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
