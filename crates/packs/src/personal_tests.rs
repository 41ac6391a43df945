//! Personal data and working days: mistakes are named with their line, what ships can be read, and
//! what somebody used stays.

use base::{Clock, Error, Moment};
use store::testing::TestDatabase;
use store::values;

use crate::tests::{files, places};
use crate::{Catalogue, PackFiles, apply, plan, read};

const YEARS: &str = r#"
[[working_years]]
code = "2026"
document = { vi = "Thông báo số 1" }
rest = ["saturday", "sunday"]
closes = "17:00"
off = [{ from = "2026-01-01", until = "2026-01-02", name = { vi = "Tết" } }]
worked = [{ day = "2026-01-10", instead_of = "2026-01-02" }]
"#;
const KINDS: &str = r#"
[[request_kinds]]
code = "erase"
name = { vi = "Xóa" }
explains = { vi = "Xóa dữ liệu" }

[[request_kinds.terms]]
from = "2026-01-01"
answer = { working_days = 2 }
complete = { days = 20 }
document = { vi = "Nghị định" }
"#;
const CONSENTS: &str = r#"
[[consent_purposes]]
code = "notices"
name = { vi = "Thông báo" }

[[consent_purposes.texts]]
version = 1
from = "2026-01-01"
text = { vi = "Tôi đồng ý" }
document = { vi = "Luật" }
"#;
const RULES: &str = r#"
[[retention_rules]]
code = "closed"
what = "closed_requests"
name = { vi = "Yêu cầu" }
after = { vi = "sau khi kết thúc" }
keep = { years = 2 }
from = "2026-01-01"
document = { vi = "Quy chế" }
"#;

fn pack(changed: (&str, &str, &str)) -> PackFiles {
    let (name, from, to) = changed;
    let all = [
        ("working-years.toml", YEARS),
        ("request-kinds.toml", KINDS),
        ("consent-purposes.toml", CONSENTS),
        ("retention-rules.toml", RULES),
    ];
    let texts: Vec<(&str, String)> = all
        .into_iter()
        .map(|(file, text)| {
            assert!(file != name || text.contains(from), "{from}");
            (file, if file == name { text.replacen(from, to, 1) } else { text.to_owned() })
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(file, text)| (*file, &**text)).collect();
    files(&texts)
}

#[test]
fn mistakes_are_named_with_their_line() {
    assert!(read(&pack(("", "", "")), &Catalogue::default()).is_ok());
    let years = "working-years.toml";
    for (file, from, to, place) in [
        (years, "\"2026\"", "\"26\"", "working-years.toml:3 code"),
        (years, "17:00", "5pm", "working-years.toml:6 closes"),
        (
            years,
            "[\"saturday\", \"sunday\"]",
            "[\"sunday\", \"sunday\"]",
            "working-years.toml:5 rest",
        ),
        (years, "2026-01-02\", name", "2027-01-02\", name", "working-years.toml:7 off"),
        (years, "day = \"2026-01-10\"", "day = \"2026-01-12\"", "working-years.toml:8 worked"),
        (
            years,
            "instead_of = \"2026-01-02\"",
            "instead_of = \"2026-01-05\"",
            "working-years.toml:8 worked",
        ),
        ("request-kinds.toml", "{ days = 20 }", "{ years = 1 }", "request-kinds.toml:2 terms"),
        (
            "request-kinds.toml",
            "{ working_days = 2 }",
            "{ working_days = 0 }",
            "request-kinds.toml:2 terms",
        ),
        ("request-kinds.toml", "\"Xóa\"", "\" \"", "request-kinds.toml:4 name"),
        ("consent-purposes.toml", "version = 1", "version = 2", "consent-purposes.toml:2 texts"),
        ("consent-purposes.toml", "2026-01-01", "2026-02-30", "consent-purposes.toml:2 texts"),
        (
            "retention-rules.toml",
            "{ years = 2 }",
            "{ working_days = 2 }",
            "retention-rules.toml:7 keep",
        ),
    ] {
        let found = places(&pack((file, from, to)));
        assert!(found.iter().any(|it| it == place), "{from}: {found:?}");
    }
}

#[tokio::test]
async fn what_somebody_used_stays_and_a_text_that_was_agreed_to_is_not_rewritten() {
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        let clock = Clock::fixed(Moment(0));
        let first = read(&pack(("", "", "")), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "test", &first).await.unwrap();
        let rewritten = pack(("consent-purposes.toml", "Tôi đồng ý", "Tôi đồng ý hết"));
        let rewritten = read(&rewritten, &Catalogue::default()).unwrap();
        let longer =
            read(&pack(("request-kinds.toml", "days = 20", "days = 30")), &Catalogue::default())
                .unwrap();
        let mut without = first.clone();
        without.personal.request_kinds.clear();
        for changed in [&rewritten, &longer, &without] {
            plan(&mut tx, changed).await.unwrap();
        }
        tx.run(
            "insert into consent_versions (id, version, purpose, text_version, lang, text_hash, \
             channel, state, at, actor, given_at, withdrawn_by, facts, made_up, entry) \
             values ('c', 1, 'notices', 1, 'vi', $1, 'online', 'given', 0, 'x', 0, '', $1, 1, 1)",
            values![[0_u8; 32]],
        )
        .await
        .unwrap();
        tx.run(
            "insert into request_versions (id, version, year, number, kind, channel, step, state, at, \
             actor, received_at, identity, identity_how, extensions, outcome, law, facts, words, \
             made_up, entry) values ('r', 1, 2026, 1, 'erase', 'online', 'receive', 'received', 0, \
             'x', 0, 'unchecked', '', 0, '', '', $1, $1, 1, 2)",
            values![[0_u8; 32]],
        )
        .await
        .unwrap();
        let refused = plan(&mut tx, &rewritten).await;
        assert!(matches!(refused, Err(Error::Refused { code: "packs.consent_given", .. })));
        let refused = plan(&mut tx, &without).await;
        assert!(matches!(refused, Err(Error::Refused { code: "packs.definition_in_use", .. })));
        // Other terms of a kind hold for what comes from now on; a further text is no other text.
        plan(&mut tx, &longer).await.unwrap();
        let more = "version = 1\nfrom = \"2026-01-01\"\ntext = { vi = \"Tôi đồng ý\" }\n\
                    document = { vi = \"Luật\" }\n\n[[consent_purposes.texts]]\nversion = 2\n\
                    from = \"2027-01-01\"\ntext = { vi = \"Lời mới\" }\ndocument = { vi = \"Luật\" }\n";
        let (head, _) = CONSENTS.split_once("version = 1").unwrap();
        let tail = &CONSENTS[head.len()..];
        let more =
            read(&pack(("consent-purposes.toml", tail, more)), &Catalogue::default()).unwrap();
        plan(&mut tx, &more).await.unwrap();
    }
}
