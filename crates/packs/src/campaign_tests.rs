//! Campaigns: mistakes are named with their line, also inside, and nothing is left without what it
//! rests on.

use base::{Clock, Error, Moment};
use store::testing::TestDatabase;

use crate::tests::{INDICATORS, MEASURES, files, places};
use crate::{Catalogue, Counted, StepKind, apply, plan, read};

const CAMPAIGN: &str = r#"
[[campaigns]]
code = "spring"
title = { vi = "Thi đua" }
document = { vi = "Kế hoạch số 1" }
from = "2022-01-01"
until = "2022-12-31"
agency = { vi = "Sở A" }
map = "2022-12-31"
days_to_explain = 5
days_to_appeal = 10
ties = ["C1"]

[[campaigns.groups]]
code = "hamlets"
level = "hamlet"
title = { vi = "Ấp" }

[[campaigns.rounds]]
period = "2022-Q3"

[[campaigns.rounds]]
period = "2022-Q4"
so_far = "2022-H2"

[[campaigns.criteria]]
code = "C1"
title = { vi = "Số hộ" }
indicator = "grown"
points = "20"
counted = "so_far"
wanted = [{ round = "2022-Q3", value = "100" }, { round = "2022-Q4", value = "200" }]

[[campaigns.criteria]]
code = "C2"
title = { vi = "Chỉ theo dõi" }
indicator = "households"
counted = "in_round"

[[campaigns.adjustments]]
code = "late"
title = { vi = "Báo cáo chậm" }
least = "-5"
most = "0"

[[campaigns.classes]]
code = "good"
title = { vi = "Tốt" }
from = "70"

[[campaigns.awards]]
code = "first"
title = { vi = "Bằng khen" }
places = 3
"#;

/// The usual indicators and one of which more is better.
fn indicators() -> String {
    let grown = INDICATORS.replace("\"households\"\nname", "\"grown\"\nname");
    format!("{INDICATORS}{}", grown.replace("\"none\"", "\"up\""))
}

fn pack_of(campaigns: &str) -> crate::PackFiles {
    files(&[
        ("measures.toml", MEASURES),
        ("indicators.toml", &indicators()),
        ("campaigns.toml", campaigns),
    ])
}

#[test]
fn mistakes_in_campaigns_are_named_with_their_line() {
    let with = |from: &str, to: &str| {
        assert!(CAMPAIGN.contains(from), "{from}");
        CAMPAIGN.replacen(from, to, 1)
    };
    let cut = |from: &str, until: &str| {
        let (before, rest) = CAMPAIGN.split_once(from).unwrap();
        format!("{before}{}", rest.split_once(until).map_or("", |(_, rest)| rest))
    };
    for (campaigns, expected) in [
        (CAMPAIGN.to_owned(), vec![]),
        (with("Sở A", " "), vec!["campaigns.toml:8 agency"]),
        (with("map = \"2022-12-31\"", "map = \"31\""), vec!["campaigns.toml:9 map"]),
        (with("until = \"2022", "until = \"2021"), vec!["campaigns.toml:7 until"]),
        (with("appeal = 10", "appeal = 400"), vec!["campaigns.toml:11 days_to_appeal"]),
        (with("ties = [\"C1\"]", "ties = [\"C2\"]"), vec!["campaigns.toml:12 ties"]),
        (with("code = \"hamlets\"", "code = \"awards\""), vec!["campaigns.toml:15 code"]),
        (with("code = \"hamlets\"", "code = \"Ấp\""), vec!["campaigns.toml:15 code"]),
        (with("level = \"hamlet\"", "level = \"ấp\""), vec!["campaigns.toml:16 level"]),
        (
            with("\"2022-Q3\"\n", "\"2022-Q5\"\n"),
            vec![
                "campaigns.toml:20 period",
                "campaigns.toml:32 wanted",
                "campaigns.toml:32 wanted",
            ],
        ),
        (
            with("\"2022-Q3\"\n", "\"2022-Q4\"\n"),
            vec!["campaigns.toml:23 period", "campaigns.toml:32 wanted"],
        ),
        (with("2022-H2", "2022-H1"), vec!["campaigns.toml:24 so_far"]),
        (with("2022-H2", "R2022-H2"), vec!["campaigns.toml:24 so_far"]),
        (with("2022-H2", "2022-12"), vec!["campaigns.toml:24 so_far"]),
        (
            with("indicator = \"grown\"", "indicator = \"none\""),
            vec!["campaigns.toml:29 indicator"],
        ),
        (
            with("indicator = \"grown\"", "indicator = \"households\""),
            vec!["campaigns.toml:30 points"],
        ),
        (with("points = \"20\"", "points = \"0\""), vec!["campaigns.toml:30 points"]),
        (with("points = \"20\"", "points = \"20.125\""), vec!["campaigns.toml:30 points"]),
        (with("{ round = \"2022-Q3\", value = \"100\" }, ", ""), vec!["campaigns.toml:32 wanted"]),
        (with("value = \"100\"", "value = \"1.5\""), vec!["campaigns.toml:32 wanted"]),
        (
            with("counted = \"so_far\"", "counted = \"so_far\"\ntarget = \"T\""),
            vec!["campaigns.toml:32 target", "campaigns.toml:33 wanted"],
        ),
        (
            with("counted = \"so_far\"", "counted = \"so_far\"\ngroups = [\"x\"]"),
            vec!["campaigns.toml:32 groups"],
        ),
        (with("Chỉ theo dõi", ""), vec!["campaigns.toml:36 title"]),
        (with("most = \"0\"", "most = \"-6\""), vec!["campaigns.toml:43 least"]),
        (with("from = \"70\"", "from = \"-1\""), vec!["campaigns.toml:49 from"]),
        (with("places = 3", "classes = [\"best\"]"), vec!["campaigns.toml:54 classes"]),
        (with("places = 3", "places = 3\nclasses = [\"good\"]"), vec!["campaigns.toml:54 places"]),
        (with("places = 3", ""), vec!["campaigns.toml:51 places"]),
        (with("places = 3", "places = 0"), vec!["campaigns.toml:54 places"]),
        (
            cut("[[campaigns.groups]]", "[[campaigns.rounds]]\nperiod = \"2022-Q3\""),
            vec!["campaigns.toml:2"],
        ),
        (with("counted = \"so_far\"", "counted = \"ever\""), vec!["campaigns.toml:31"]),
        (with("places = 3", "places = 3\nodd = 1"), vec!["campaigns.toml:55"]),
    ] {
        assert_eq!(places(&pack_of(&campaigns)), expected, "{campaigns}");
    }
}

#[test]
fn a_second_campaign_has_lines_of_its_own() {
    let second = CAMPAIGN.replace("\"spring\"", "\"autumn\"").replace("places = 3", "places = 0");
    let lines = CAMPAIGN.lines().count();
    let both = format!("{CAMPAIGN}{second}");
    let expected = format!("campaigns.toml:{} places", lines + 54);
    assert_eq!(places(&pack_of(&both)), [expected]);
    let twice = format!("{CAMPAIGN}{CAMPAIGN}");
    assert_eq!(places(&pack_of(&twice)), [format!("campaigns.toml:{} code", lines + 3)]);
}

#[test]
fn what_is_counted_so_far_has_the_longer_period() {
    let pack = read(&pack_of(CAMPAIGN), &Catalogue::default()).unwrap();
    let campaign = &pack.campaigns[0];
    let periods =
        |counted| campaign.rounds.iter().map(|round| round.counted(counted)).collect::<Vec<_>>();
    assert_eq!(periods(Counted::InRound), ["2022-Q3", "2022-Q4"]);
    assert_eq!(periods(Counted::SoFar), ["2022-Q3", "2022-H2"]);
    assert_eq!(campaign.round_before("2022-Q4").unwrap().period, "2022-Q3");
    assert_eq!(campaign.round_before("2022-Q3"), None);
    assert_eq!(campaign.criteria[0].most(), Some(2000));
    assert_eq!(campaign.adjustments[0].bounds(), Some((-500, 0)));
}

#[tokio::test]
async fn no_criterion_is_left_without_its_indicator_or_its_target() {
    const TARGETS: &str = "[[targets]]\ncode = \"T\"\nplan = \"plan\"\ntitle = { vi = \"x\" }\n\
        said = { vi = \"x\" }\nindicator = \"grown\"\n\
        values = [{ levels = [\"hamlet\"], value = \"9\", by = \"2022-12-31\" }]\n";
    const PLANS: &str = "[[plans]]\ncode = \"plan\"\ntitle = { vi = \"x\" }\n\
        document = { vi = \"x\" }\nfrom = \"2022-01-01\"\nuntil = \"2022-12-31\"\n\
        agency = { vi = \"x\" }\n";
    for database in TestDatabase::each().await {
        let clock = Clock::fixed("2025-07-01T01:00:00Z".parse::<Moment>().unwrap());
        let mut tx = database.write().await.unwrap();
        let all = indicators();
        let plain = [("measures.toml", MEASURES), ("indicators.toml", all.as_str())];
        let whole = [&plain[..], &[("plans.toml", PLANS), ("targets.toml", TARGETS)]].concat();
        let first = read(&files(&whole), &Catalogue::default()).unwrap();
        apply(&mut tx, &clock, "tester", &first).await.unwrap();
        let (before, _) = CAMPAIGN.split_once("wanted = ").unwrap();
        let (_, after) = CAMPAIGN.split_once("}]\n").unwrap();
        let campaign = format!("{before}target = \"T\"\n{after}");
        let header = "name = \"second\"\nversion = \"1\"\ntitle = { vi = \"Hai\" }\n";
        let mut second = files(&[("pack.toml", header), ("campaigns.toml", &campaign)]);
        second.files.remove("counts.toml");
        let known = Catalogue::load(&mut tx).await.unwrap();
        let second = read(&second, &known).unwrap();
        let steps = apply(&mut tx, &clock, "tester", &second).await.unwrap();
        assert_eq!((steps[0].kind, steps[0].step), ("campaign", StepKind::Add));
        let known = Catalogue::load(&mut tx).await.unwrap();
        assert_eq!(known.campaign("spring"), Some(&second.campaigns[0]));
        assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());
        let without_grown = [("measures.toml", MEASURES), ("indicators.toml", INDICATORS)];
        for less in [&without_grown[..], &plain[..]] {
            let less = read(&files(less), &Catalogue::default()).unwrap();
            let refused = plan(&mut tx, &less).await;
            assert!(
                matches!(refused, Err(Error::Refused { code: "packs.campaign_referenced", .. })),
                "{refused:?}"
            );
        }
    }
}
