//! A small invented province in which two of the communes that compete merge in mid-campaign.

use std::collections::BTreeMap;

use ::store::testing::TestDatabase;
use base::rights::Actor;
use base::{Clock, Day, Error, Moment, Result};
use packs::{Catalogue, Nature, PackFiles};
use territory::{Atlas, UnitId};

use crate::campaigns::*;
use crate::observations::{Context, NewObservation, Reported, report};
use crate::{Desk, Period};

/// The map of the campaign, and the day after it on which Một and Hai become Mới.
const LISTS: [(&str, &str); 4] = [
    (
        "units_synthetic_2024.csv",
        "code,name,full_name,type,parent_code\n98,Minh Họa,Tỉnh Minh Họa,tinh,\n\
         98001,Một,Xã Một,xa,98\n98002,Hai,Xã Hai,xa,98\n98003,Ba,Xã Ba,xa,98\n98004,Bốn,Xã Bốn,xa,98\n\
         h11,1,Ấp 1,ap,98001\nh12,2,Ấp 2,ap,98001\nh21,1,Ấp 1,ap,98002\nh31,1,Ấp 1,ap,98003\n\
         h41,1,Ấp 1,ap,98004\n",
    ),
    (
        "changes_synthetic_2024.csv",
        "old_code,new_code,whole_or_part,resolution,effective_date\n,98,whole,1/MH,2024-01-01\n\
         ,98001,whole,1/MH,2024-01-01\n,98002,whole,1/MH,2024-01-01\n,98003,whole,1/MH,2024-01-01\n\
         ,98004,whole,1/MH,2024-01-01\n,h11,whole,1/MH,2024-01-01\n,h12,whole,1/MH,2024-01-01\n\
         ,h21,whole,1/MH,2024-01-01\n,h31,whole,1/MH,2024-01-01\n,h41,whole,1/MH,2024-01-01\n",
    ),
    (
        "units_synthetic_2025.csv",
        "code,name,full_name,type,parent_code\n98005,Mới,Xã Mới,xa,98\nh11,1,Ấp 1,ap,98005\n\
         h12,2,Ấp 2,ap,98005\nh21,3,Ấp 3,ap,98005\n",
    ),
    (
        "changes_synthetic_2025.csv",
        "old_code,new_code,whole_or_part,resolution,effective_date\n\
         98001,98005,whole,2/MH,2025-07-01\n98002,98005,whole,2/MH,2025-07-01\n\
         h11,h11,whole,2/MH,2025-07-01\nh12,h12,whole,2/MH,2025-07-01\nh21,h21,whole,2/MH,2025-07-01\n",
    ),
];

const PACK: [(&str, &str); 5] = [
    ("pack.toml", "name = \"t\"\nversion = \"1\"\ntitle = { vi = \"Minh họa\" }\n"),
    (
        "counts.toml",
        "[[counts]]\ncode = \"household\"\nname = { vi = \"hộ\" }\n\
         [[counts]]\ncode = \"case\"\nname = { vi = \"việc\" }\n",
    ),
    (
        "measures.toml",
        "[[measures]]\ncode = \"households\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"household\"\nnature = \"stock\"\n\
         [[measures]]\ncode = \"with_app\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"household\"\nnature = \"stock\"\n\
         [[measures]]\ncode = \"models\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"case\"\nnature = \"flow\"\n\
         [[measures]]\ncode = \"complaints\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"case\"\nnature = \"flow\"\n",
    ),
    (
        "indicators.toml",
        "[[indicators]]\ncode = \"app\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         numerator = \"with_app\"\ndenominator = \"households\"\ndecimals = 2\ndirection = \"up\"\n\
         document = { vi = \"x\" }\nreported_by = \"hamlet\"\n\
         [[indicators]]\ncode = \"models\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         numerator = \"models\"\ndirection = \"up\"\ndocument = { vi = \"x\" }\nreported_by = \"hamlet\"\n\
         [[indicators]]\ncode = \"complaints\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         numerator = \"complaints\"\ndirection = \"down\"\ndocument = { vi = \"x\" }\n\
         reported_by = \"hamlet\"\n",
    ),
    ("campaigns.toml", CAMPAIGN),
];

const CAMPAIGN: &str = r#"
[[campaigns]]
code = "c"
title = { vi = "Thi đua" }
document = { vi = "Minh họa" }
from = "2025-04-01"
until = "2025-09-30"
agency = { vi = "Sở A" }
map = "2025-06-30"
within = "98"
days_to_explain = 5
days_to_appeal = 10
ties = ["C1"]

[[campaigns.groups]]
code = "communes"
level = "commune"
title = { vi = "Xã" }

[[campaigns.groups]]
code = "hamlets"
level = "hamlet"
title = { vi = "Ấp" }

[[campaigns.rounds]]
period = "2025-Q2"
so_far = "2025-H1"

[[campaigns.rounds]]
period = "2025-Q3"
so_far = "2025-9M"

[[campaigns.rounds]]
period = "2025-Q4"

[[campaigns.criteria]]
code = "C1"
title = { vi = "Ứng dụng" }
indicator = "app"
points = "60"
counted = "in_round"
wanted = [{ round = "2025-Q2", value = "50" }, { round = "2025-Q3", value = "80" }, { round = "2025-Q4", value = "90" }]

[[campaigns.criteria]]
code = "C2"
title = { vi = "Mô hình" }
indicator = "models"
points = "30"
counted = "so_far"
wanted = [{ round = "2025-Q2", value = "1" }, { round = "2025-Q3", value = "2" }, { round = "2025-Q4", value = "2" }]

[[campaigns.criteria]]
code = "C3"
title = { vi = "Phản ánh" }
indicator = "complaints"
points = "10"
counted = "in_round"
groups = ["communes"]
wanted = [{ round = "2025-Q2", value = "2" }, { round = "2025-Q3", value = "2" }, { round = "2025-Q4", value = "2" }]

[[campaigns.criteria]]
code = "C4"
title = { vi = "Chỉ theo dõi" }
indicator = "models"
counted = "in_round"

[[campaigns.adjustments]]
code = "bonus"
title = { vi = "Thưởng" }
least = "0"
most = "5"

[[campaigns.adjustments]]
code = "late"
title = { vi = "Chậm" }
least = "-5"
most = "-0.5"

[[campaigns.classes]]
code = "excellent"
title = { vi = "Xuất sắc" }
from = "90"

[[campaigns.classes]]
code = "good"
title = { vi = "Tốt" }
from = "80"

[[campaigns.awards]]
code = "first"
title = { vi = "Bằng khen" }
places = 1

[[campaigns.awards]]
code = "second"
title = { vi = "Giấy khen" }
groups = ["communes"]
classes = ["excellent", "good"]
"#;

pub(super) const Q2: &str = "2025-Q2";
pub(super) const Q3: &str = "2025-Q3";
/// A hamlet: its households, those with the app, models, complaints.
type Hamlet = (&'static str, [i64; 4]);

/// What the hamlets report.
const REPORTED: [(&str, [Hamlet; 4]); 2] = [
    (
        Q2,
        [
            ("h11", [100, 40, 1, 1]),
            ("h12", [100, 20, 0, 3]),
            ("h21", [50, 25, 0, 0]),
            ("h31", [80, 20, 2, 2]),
        ],
    ),
    (
        Q3,
        [
            ("h11", [100, 90, 0, 0]),
            ("h12", [100, 70, 0, 0]),
            ("h21", [50, 20, 1, 1]),
            ("h31", [80, 64, 0, 4]),
        ],
    ),
];

pub(super) struct World {
    pub(super) database: TestDatabase,
    pub(super) desk: Desk,
}

impl World {
    /// On 05/10/2025 with all that was reported.
    pub(super) async fn each() -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in TestDatabase::each().await {
            let clock = clock("2025-10-05");
            let mut tx = database.write().await.unwrap();
            territory::import_lists(&mut tx, &clock, Actor::operator("t"), &files(&LISTS))
                .await
                .unwrap();
            let files = PackFiles { folder: "t".to_owned(), files: files(&PACK) };
            let pack = packs::read(&files, &Catalogue::default()).unwrap();
            packs::apply(&mut tx, &clock, "t", &pack).await.unwrap();
            tx.commit().await.unwrap();
            let desk = Desk::new(Atlas::new(database.database.clone(), clock));
            let world = Self { database, desk };
            for (period, hamlets) in REPORTED {
                for (hamlet, numbers) in hamlets {
                    world.say(hamlet, period, numbers).await;
                }
            }
            worlds.push(world);
        }
        worlds
    }

    /// The same province on another day.
    pub(super) fn turn_to(&mut self, day: &str) {
        self.desk = Desk::new(Atlas::new(self.database.database.clone(), clock(day)));
    }

    pub(super) async fn say(&self, hamlet: &str, period: &str, numbers: [i64; 4]) {
        let days = Period::parse(period, &[]).unwrap().days;
        let unit = self.unit(hamlet).await;
        let mut work = self.desk.begin().await.unwrap();
        let measures = ["households", "with_app", "models", "complaints"];
        let counts = measures.into_iter().zip(numbers).map(|(measure, value)| {
            let nature = work.catalogue.measure(measure).unwrap().definition.nature;
            NewObservation {
                unit,
                measure: measure.to_owned(),
                reported: match nature {
                    Nature::Stock => Reported::On(days.last()),
                    Nature::Flow => Reported::Within(days),
                },
                value,
                source: "minh họa".to_owned(),
                made_up: true,
                evidence: None,
            }
        });
        let counts = counts.collect();
        let (tx, cx): (_, Context<'_>) = work.by(&self.desk, Actor::operator("t"));
        report(tx, cx, counts).await.unwrap();
        work.tx.commit().await.unwrap();
    }

    /// A unit of the campaign's map.
    pub(super) async fn unit(&self, code: &str) -> UnitId {
        let mut tx = self.desk.database().read().await.unwrap();
        let territory = self.desk.atlas.territory(&mut tx).await.unwrap();
        territory.by_code(code, "2025-06-30".parse().unwrap()).unwrap().unit
    }

    pub(super) async fn standing(&self, round: &str) -> Standing {
        self.standing_in(round, None).await.unwrap()
    }

    /// As it was frozen in a version, if one is given.
    pub(super) async fn standing_in(&self, round: &str, version: Option<i64>) -> Result<Standing> {
        let mut tx = self.desk.database().read().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let campaign = catalogue.campaign("c").unwrap();
        let round = campaign.round(round).unwrap();
        let what = (campaign, round);
        standing(&mut tx, &self.desk.atlas, &catalogue, what, version).await
    }

    /// (name, points by criterion, total, place) of the communes.
    pub(super) async fn told(
        &self,
        round: &str,
    ) -> Vec<(String, Vec<Option<i64>>, i64, Option<usize>)> {
        tell(self.standing(round).await.shown())
    }

    pub(super) async fn adjust(&self, code: &str, kind: &str, points: i64) -> Result<String> {
        let unit = self.unit(code).await;
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Hội đồng"));
        let [campaign, round, group] = ["c", Q3, "communes"].map(ToOwned::to_owned);
        let (kind, reason) = (kind.to_owned(), "theo biên bản".to_owned());
        let evidence = None;
        let new = NewAdjustment { campaign, round, group, unit, kind, points, reason, evidence };
        let id = adjust(tx, cx, new).await?;
        work.tx.commit().await?;
        Ok(id)
    }

    pub(super) async fn freeze(&self, round: &str) -> Result<i64> {
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Hội đồng"));
        let version = freeze(tx, cx, &self.desk.atlas, ("c", round)).await?;
        work.tx.commit().await?;
        Ok(version)
    }

    pub(super) async fn reopen(&self, round: &str, version: i64, reason: &str) -> Result<()> {
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Hội đồng"));
        reopen(tx, cx, ("c", round), version, reason).await?;
        work.tx.commit().await
    }

    pub(super) async fn file(&self, code: &str, kind: FilingKind) -> Result<String> {
        let unit = self.unit(code).await;
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Cán bộ"));
        let [campaign, round, group] = ["c", Q3, "communes"].map(ToOwned::to_owned);
        let (text, by) = ("Sót một mô hình".to_owned(), "Chủ tịch xã".to_owned());
        let new = NewFiling { campaign, round, group, unit, kind, text, by, evidence: None };
        let id = file(tx, cx, new).await?;
        work.tx.commit().await?;
        Ok(id)
    }

    pub(super) async fn decide(
        &self,
        id: &str,
        outcome: Outcome,
        adjustment: Option<(&str, i64)>,
    ) -> Result<Option<String>> {
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Hội đồng"));
        let adjustment = adjustment.map(|(kind, points)| (kind.to_owned(), points));
        let (id, reason) = (id.to_owned(), "có biên bản".to_owned());
        let new = NewDecision { id, version: 1, outcome, reason, adjustment };
        let follows = decide(tx, cx, new).await?;
        work.tx.commit().await?;
        Ok(follows)
    }

    /// Of the round as it stands.
    pub(super) async fn award(&self, number: &str, on: &str) -> Result<()> {
        let version = self.standing(Q3).await.version().map_or(0, |(version, _)| version);
        self.award_in(version, number, on).await
    }

    pub(super) async fn award_in(&self, version: i64, number: &str, on: &str) -> Result<()> {
        let mut work = self.desk.begin().await?;
        let (tx, cx) = work.by(&self.desk, Actor::operator("Hội đồng"));
        let decision = (number, on.parse::<Day>().ok());
        confirm_awards(tx, cx, ("c", Q3), version, decision, |_, _| true).await?;
        work.tx.commit().await
    }

    pub(super) async fn faults(&self) -> Vec<String> {
        let mut tx = self.desk.database().read().await.unwrap();
        verify(&mut tx).await.unwrap().1
    }
}

/// A unit: its name, its points by criterion, all of them, its place.
pub(super) type Told = (String, Vec<Option<i64>>, i64, Option<usize>);

pub(super) fn tell(ranking: &Ranking) -> Vec<Told> {
    let lines = ranking.group("communes").unwrap().lines.iter();
    let points = |line: &Line| line.scores.iter().map(|score| score.points).collect();
    lines.map(|line| (line.name.clone(), points(line), line.total, line.place)).collect()
}

fn clock(day: &str) -> Clock {
    Clock::fixed(format!("{day}T02:00:00Z").parse::<Moment>().unwrap())
}

fn files(list: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// The code of a refusal, the place of a first mistake, or nothing.
pub(super) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Option<String> {
    match result {
        Ok(_) => None,
        Err(Error::Refused { code, .. }) => Some(code.to_owned()),
        Err(Error::Invalid(errors)) => Some(errors[0].place.clone()),
        Err(Error::Conflict(_)) => Some("conflict".to_owned()),
        Err(Error::NotFound(_)) => Some("not found".to_owned()),
        Err(other) => panic!("{other}"),
    }
}

/// What the ranking by hand gives: a name, points by criterion, total and place.
pub(super) fn line(
    name: &str,
    points: [i64; 3],
    total: i64,
    place: usize,
) -> (String, Vec<Option<i64>>, i64, Option<usize>) {
    let points = points.into_iter().map(Some).chain([None]).collect();
    (name.to_owned(), points, total, Some(place))
}
