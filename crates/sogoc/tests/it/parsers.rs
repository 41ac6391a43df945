//! Whatever comes from outside is read or refused: no reader stops the program, reads without end, or
//! takes what it could not write again. `fuzz/` gives the same functions to a fuzzer, for hours.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use territory::Territory;

use crate::program::packs;

/// Bytes of any kind, and examples in which some bytes are other ones, gone or there twice.
fn hostile(examples: &'static [&'static [u8]]) -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<Index>(), any::<u8>(), 0..4_u8);
    let edits = prop::collection::vec(edit, 0..6);
    let changed = (select(examples), edits).prop_map(|(example, edits)| {
        let mut bytes = example.to_vec();
        for (at, byte, how) in edits.into_iter().filter(|_| !example.is_empty()) {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match how {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                2 => bytes.insert(at, byte),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    });
    prop_oneof![1 => prop::collection::vec(any::<u8>(), 0..300), 3 => changed]
}

const TEXTS: [&[u8]; 8] = [
    "Xã Vị Thủy  \u{202e}\u{0}".as_bytes(),
    b"2025-07-01",
    b"30/6/2025",
    b"2025-07-01T00:00:00+07:00",
    b"WyJhIiwxXQ",
    b"0192f0c1-2e3d-7a4b-8c5d-6e7f8091a2b3",
    b"vi-VN,vi;q=0.9,en;q=0.1",
    "Ấp \u{1b}[31m Tân Hòa".as_bytes(),
];

const TABLES: [&[u8]; 4] = [
    "xã;hộ\r\n\"Vị; Thủy\";1.234\r\n".as_bytes(),
    b"a,b\n\"x\"\"y\",=1+1\n",
    b"\xef\xbb\xbfa\tb\n1\t2\n",
    include_bytes!("../../../../packs/units-of-count/counts.toml"),
];

const REQUESTS: [&[u8]; 5] = [
    b"/units?on=2025-07-01&q=%E1%BA%A5p",
    b"lang=vi; sogoc_session=abc; __Host-sogoc_session=def",
    b"192.0.2.1, 2001:db8::1, unknown",
    b"//evil.test/\\?a=b&a=c",
    b"?&&=&%zz",
];

const FORMS: [&[u8]; 2] = [
    b"--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx\r\n--b--\r\n",
    b"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../a\\b.csv\"\r\n\r\n1;2\r\n--b--\r\n",
];

const NOTES: [&[u8]; 3] = [
    b"made.up/journal\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\xe2\x80\x94 made.up/journal AAAA\n",
    b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\nmade.up/journal\n1\nAAAA\n\n",
    b"https://witness.example.vn:443/a",
];

const CODES: [&[u8]; 3] =
    [b"123 456", b"ABCD-EFGH-IJKL-MNOP", b"1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"];

const PACKS: [&[u8]; 4] = [
    include_bytes!("../../../../packs/units-of-count/counts.toml"),
    include_bytes!("../../../../packs/campaign-124/measures.toml"),
    include_bytes!("../../../../packs/campaign-124/campaigns.toml"),
    b"[[measures]]\ncode = \"a\"\nname = { vi = \"x\" }\n\0[[indicators]]\ncode = \"b\"\n",
];

const LISTS: [&[u8]; 3] = [
    b"old_code,old_name,new_code\n31453,x,31453\n\0code,name\n31453,x\n",
    b"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"31453\"},\
      \"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[105,9],[106,9],[106,10],[105,9]]]}}]}",
    b"new_code,new_full_name,type,parent_code,from_codes\n31460,x,xa,92,31441;31453:1/2\n",
];

const ADDRESSES: [&[u8]; 3] = [
    "ấp 7, xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang".as_bytes(),
    b"so 5 duong 3/2, P.1, TP Vi Thanh",
    "Khu vực 4, phường III, Vị Thanh".as_bytes(),
];

const NUMBERS: [&[u8]; 6] = [
    b"1.234.567",
    "\u{2212}12\u{a0}345".as_bytes(),
    b"2,5",
    b"2025-Q2",
    b"https://sogoc.example.vn:8443",
    b"9223372036854775807",
];

const BACKUPS: [&[u8]; 3] = [
    include_bytes!("../../../store/tests/age/made-up.age"),
    include_bytes!("../../../store/tests/age/made-up.key"),
    b"SQLite format 3\0",
];

static TERRITORY: LazyLock<Territory> = LazyLock::new(|| {
    let folder = packs::PackFiles::from_folder(&packs().join("territory-hau-giang")).unwrap();
    let lists = territory::import::sort(&folder.files).unwrap();
    let batches = territory::import::parse(&lists).unwrap();
    batches.iter().fold(Territory::empty(), |before, batch| {
        let plan = territory::import::plan(&before, batch).unwrap();
        before.apply(&plan).unwrap()
    })
});

proptest! {
    #[test]
    fn texts_days_and_cursors_are_read_or_refused(bytes in hostile(&TEXTS)) {
        base::fuzzing::texts(&bytes);
    }

    #[test]
    fn tables_are_read_within_their_limits_or_refused(bytes in hostile(&TABLES)) {
        web::fuzzing::tables(&bytes);
    }

    #[test]
    fn files_are_of_the_kind_that_they_are_named_or_of_none(bytes in hostile(&TABLES)) {
        web::fuzzing::filetypes(&bytes);
    }

    #[test]
    fn what_stands_in_a_request_is_read_or_refused(bytes in hostile(&REQUESTS)) {
        web::fuzzing::requests(&bytes);
        access::fuzzing::headers(&bytes);
    }

    #[test]
    fn forms_with_files_are_read_or_refused(bytes in hostile(&FORMS)) {
        web::fuzzing::forms(&bytes);
    }

    #[test]
    fn blocks_and_postings_are_read_or_are_damage(bytes in hostile(&[b"\x02\x00\x02\x02", b"\x0a\x0c\x80\x01\x02\x02"])) {
        journal::fuzzing::blobs(&bytes);
    }

    #[test]
    fn notes_and_proofs_are_read_or_refused(bytes in hostile(&NOTES)) {
        journal::fuzzing::notes(&bytes);
    }

    #[test]
    fn codes_and_keys_are_read_or_refused(bytes in hostile(&CODES)) {
        access::fuzzing::codes(&bytes);
    }

    #[test]
    fn packs_are_read_or_every_mistake_has_its_place(bytes in hostile(&PACKS)) {
        packs::fuzzing::packs(&bytes);
    }

    #[test]
    fn lists_orders_and_outlines_are_read_or_refused(bytes in hostile(&LISTS)) {
        territory::fuzzing::lists(&bytes);
    }

    #[test]
    fn addresses_are_answered_whatever_they_are(bytes in hostile(&ADDRESSES)) {
        territory::fuzzing::addresses(&TERRITORY, &bytes);
    }

    #[test]
    fn numbers_and_periods_are_read_or_refused(bytes in hostile(&NUMBERS)) {
        figures::fuzzing::numbers(&bytes);
    }

    #[test]
    fn encrypted_backups_and_their_keys_are_read_or_refused(bytes in hostile(&BACKUPS)) {
        store::fuzzing::backups(&bytes);
    }
}
