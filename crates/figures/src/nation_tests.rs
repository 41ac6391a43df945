//! An invented nation: provinces that merge, communes that go over whole or in part, also from one
//! province to another, and what their figures say on the map before and after.

use std::collections::BTreeMap;

use base::rights::Actor;
use base::{Clock, Day, Moment};
use packs::{Catalogue, PackFiles};
use store::testing::TestDatabase;
use territory::{Atlas, Level};

use crate::observations::{Context, NewObservation, Reported, report};
use crate::pages::tests::Program;
use crate::{Desk, Figure, Period, Question, ask};

const UNITS: &str = "code,name,full_name,type,parent_code\n";

/// On 01/07/2025 the provinces An and Bình become one, Châu stays, and the districts end. Of the
/// communes, A2 goes to two others in parts that nobody states, a quarter of B2 to B1, and a fifth
/// of C2 over the border of its province to B2.
const LISTS: [(&str, &str); 4] = [
    (
        "units_synthetic_2025_before_merger.csv",
        "91,An,Tỉnh An,tinh,\n94,Bình,Tỉnh Bình,tinh,\n96,Châu,Tỉnh Châu,tinh,\n\
         911,An Một,Huyện An Một,huyen,91\n941,Bình Một,Huyện Bình Một,huyen,94\n\
         961,Châu Một,Huyện Châu Một,huyen,96\n91001,A1,Xã A1,xa,911\n91002,A2,Xã A2,xa,911\n\
         91003,A3,Xã A3,xa,911\n94001,B1,Xã B1,xa,941\n94002,B2,Xã B2,xa,941\n\
         96001,C1,Xã C1,xa,961\n96002,C2,Xã C2,xa,961\n",
    ),
    (
        "units_synthetic_2025.csv",
        "91,An,Tỉnh An,tinh,\n96,Châu,Tỉnh Châu,tinh,\n91001,A1,Xã A1,xa,91\n\
         91003,A3,Xã A3,xa,91\n94001,B1,Xã B1,xa,91\n94002,B2,Xã B2,xa,91\n96001,C1,Xã C1,xa,96\n\
         96002,C2,Xã C2,xa,96\n",
    ),
    (
        "changes_synthetic_2025.csv",
        "91001,91001,whole\n91002,91001,part\n91002,91003,part\n91003,91003,whole\n\
         94001,94001,whole\n94002,94001,1/4\n94002,94002,3/4\n96002,94002,1/5\n96002,96002,4/5\n\
         96001,96001,whole\n",
    ),
    (
        "provinces_synthetic_2025.csv",
        "91,Tỉnh An,91,Tỉnh An,yes\n94,Tỉnh Bình,91,Tỉnh An,no\n96,Tỉnh Châu,96,Tỉnh Châu,yes\n",
    ),
];

const PACK: [(&str, &str); 4] = [
    ("pack.toml", "name = \"nation\"\nversion = \"1\"\ntitle = { vi = \"Minh họa\" }\n"),
    ("counts.toml", "[[counts]]\ncode = \"person\"\nname = { vi = \"người\" }\n"),
    (
        "measures.toml",
        "[[measures]]\ncode = \"people\"\nname = { vi = \"Người\" }\n\
         definition = { vi = \"Người\" }\ncounted = \"person\"\nnature = \"stock\"\n",
    ),
    (
        "indicators.toml",
        "[[indicators]]\ncode = \"people\"\nname = { vi = \"Người\" }\n\
         definition = { vi = \"Người\" }\nnumerator = \"people\"\ndirection = \"none\"\n\
         document = { vi = \"Minh họa\" }\nreported_by = \"commune\"\n",
    ),
];

/// What each commune of the eve has.
const PEOPLE: [(&str, i64); 7] = [
    ("91001", 100),
    ("91002", 51),
    ("91003", 30),
    ("94001", 10),
    ("94002", 41),
    ("96001", 7),
    ("96002", 23),
];

/// The lists with the columns that all their lines share.
fn lists() -> BTreeMap<String, Vec<u8>> {
    let act = |line: &str| format!("{line},1/MH,2025-07-01\n");
    let text = |name: &str, lines: &str| match name.split('_').next() {
        Some("units") => format!("{UNITS}{lines}"),
        Some("changes") => {
            let head = "old_code,new_code,whole_or_part,resolution,effective_date\n".to_owned();
            head + &lines.lines().map(act).collect::<String>()
        }
        _ => {
            let head = "old_code,old_full_name,new_code,new_full_name,kept_code,resolution,\
                        effective_date\n"
                .to_owned();
            head + &lines.lines().map(act).collect::<String>()
        }
    };
    LISTS.iter().map(|(name, it)| ((*name).to_owned(), text(name, it).into_bytes())).collect()
}

async fn nation(database: &TestDatabase) -> Desk {
    let clock = Clock::fixed("2025-07-02T02:00:00Z".parse::<Moment>().unwrap());
    let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
    let mut tx = database.write().await.unwrap();
    territory::import_lists(&mut tx, &clock, Actor::operator("t"), &lists()).await.unwrap();
    let files = PACK.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let files = PackFiles { folder: "nation".to_owned(), files: files.collect() };
    let pack = packs::read(&files, &Catalogue::default()).unwrap();
    packs::apply(&mut tx, &clock, "t", &pack).await.unwrap();
    let eve: Day = "2025-06-30".parse().unwrap();
    let territory = desk.atlas.territory(&mut tx).await.unwrap();
    let catalogue = desk.catalogue(&mut tx).await.unwrap();
    let count = |(code, value): (&str, i64)| NewObservation {
        unit: territory.by_code(code, eve).unwrap().unit,
        measure: "people".to_owned(),
        reported: Reported::On(eve),
        value,
        source: "minh họa".to_owned(),
        made_up: true,
        evidence: None,
    };
    let cx = Context {
        clock: &clock,
        actor: Actor::operator("t"),
        catalogue: &catalogue,
        territory: &territory,
    };
    report(&mut tx, cx, PEOPLE.map(count).into()).await.unwrap();
    tx.commit().await.unwrap();
    desk
}

#[tokio::test]
async fn a_nation_keeps_its_numbers_through_whole_and_part_lines_of_several_provinces() {
    for database in TestDatabase::each().await {
        let desk = nation(&database).await;
        let mut tx = database.read().await.unwrap();
        let territory = desk.atlas.territory(&mut tx).await.unwrap();
        let catalogue = desk.catalogue(&mut tx).await.unwrap();
        for (map, expected) in [
            (
                "2025-06-30",
                vec![("91", 181, false), ("94", 51, false), ("96", 30, false), ("911", 181, false)],
            ),
            (
                "2025-07-01",
                vec![
                    // 100 and half of 51; 30 and the other half.
                    ("91001", 126, true),
                    ("91003", 55, true),
                    // 10 and a quarter of 41; the rest of it and a fifth of 23.
                    ("94001", 20, true),
                    ("94002", 36, true),
                    ("96001", 7, false),
                    ("96002", 18, true),
                    // What was divided within a province is whole in it again, but for the fifth
                    // that came over the border.
                    ("91", 237, true),
                    ("96", 25, true),
                ],
            ),
        ] {
            let map: Day = map.parse().unwrap();
            let question = Question {
                indicator: "people".to_owned(),
                periods: vec![Period::parse("2025-Q2", &[]).unwrap()],
                map,
                known: None,
                sight: crate::Sight::Full,
            };
            let answer = ask(&mut tx, &desk.atlas, &catalogue, &question).await.unwrap();
            let figure = |code: &str| -> Figure {
                answer.get(territory.by_code(code, map).unwrap().unit, 0)
            };
            for (code, people, estimated) in expected {
                let it = figure(code);
                let found = (it.numerator, it.estimated);
                assert_eq!(found, (Some(people), estimated), "{code} on {map}");
            }
            for level in [Level::Province, Level::Commune] {
                let units = territory.under(None, map, level);
                let sum: i64 = units.iter().filter_map(|it| answer.get(it.unit, 0).numerator).sum();
                assert_eq!(sum, 262, "{level:?} on {map}");
            }
        }
    }
}

#[tokio::test]
async fn a_share_of_another_province_is_called_estimated_wherever_it_is_shown() {
    let database = TestDatabase::sqlite().await;
    let desk = nation(&database).await;
    let program = Program::of(database, desk);
    let estimated = lang::web::estimated(lang::Lang::Vietnamese);
    for path in ["/", "/indicators", "/indicators/people", "/figures/people/91/2025-Q2"] {
        let page = program.page(path).await;
        assert!(page.contains("237") && page.contains(estimated), "{path}: {page}");
    }
    // On the map before the merger nothing is.
    let page = program.page("/figures/people/91/2025-Q2?map=2025-06-30").await;
    assert!(page.contains("181") && !page.contains(estimated), "{page}");
}

#[tokio::test]
async fn the_province_that_is_shown_is_the_one_that_reports_however_young_it_is() {
    let clock = Clock::fixed("2025-07-02T02:00:00Z".parse::<Moment>().unwrap());
    let database = TestDatabase::sqlite().await;
    let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
    let units = "91,An,Tỉnh An,tinh,\n94,Bình,Tỉnh Bình,tinh,\n91001,A1,Xã A1,xa,91\n\
                 94001,B1,Xã B1,xa,94\n94002,B2,Xã B2,xa,94\n";
    let act = |code: &str| format!(",{code},whole,1/MH,2025-05-01\n");
    let head = "old_code,new_code,whole_or_part,resolution,effective_date\n".to_owned();
    let changes = ["91", "94", "91001", "94001", "94002"].map(act).concat();
    let lists = [
        ("units_synthetic_2025.csv".to_owned(), format!("{UNITS}{units}").into_bytes()),
        ("changes_synthetic_2025.csv".to_owned(), (head + &changes).into_bytes()),
    ];
    let mut tx = database.write().await.unwrap();
    territory::import_lists(&mut tx, &clock, Actor::operator("t"), &lists.into()).await.unwrap();
    let files = PACK.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let files = PackFiles { folder: "nation".to_owned(), files: files.collect() };
    let pack = packs::read(&files, &Catalogue::default()).unwrap();
    packs::apply(&mut tx, &clock, "t", &pack).await.unwrap();
    tx.commit().await.unwrap();
    let program = Program::of(database, desk);
    let page = program.page("/").await;
    assert!(page.contains("<h1>Tỉnh Bình</h1>"), "{page}");
    let of = lang::figures::Coverage { all: "2", name: "Tỉnh Bình", with: "2" };
    let coverage = lang::figures::coverage(lang::Lang::Vietnamese, of);
    assert!(page.contains(&coverage), "{coverage}: {page}");
}
