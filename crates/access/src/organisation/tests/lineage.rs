//! Agencies that are renamed, merged and ended; committees at a merger of communes.

use base::Error;
use territory::Level;

use super::super::actions::{Into, NewAgency};
use super::super::completeness::{Lack, completeness};
use super::super::merger::{self, former_committees, rehearse};
use super::super::model::{AgencyKind, Event};
use super::super::{change_agency, end_agency, form_committees, merge, store as sql};
use super::{DAY, DECISION, EVE, World, a_post, an_agency, appointed, day, days, facts};

#[tokio::test]
async fn a_department_is_renamed_and_another_merges_into_a_new_one() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let first =
            an_agency(&mut tx, cx, ("Sở Bưu chính, Viễn thông", "2004-01-01"), None).await.unwrap();
        let other =
            an_agency(&mut tx, cx, ("Sở Khoa học và Công nghệ", "2004-01-01"), None).await.unwrap();
        let change = |name: &str, on: &str| NewAgency {
            facts: facts(name, AgencyKind::Department, None),
            on: day(on),
            decision: DECISION.to_owned(),
            made_up: false,
        };
        change_agency(&mut tx, cx, first, change("Sở Thông tin và Truyền thông", "2008-01-01"))
            .await
            .unwrap();
        let early = change_agency(&mut tx, cx, first, change("Sở Khác", "2008-01-01")).await;
        assert!(matches!(early, Err(Error::Invalid(_))), "{early:?}");
        let taken =
            change_agency(&mut tx, cx, first, change("Sở Khoa học và Công nghệ", "2010-01-01"))
                .await;
        assert!(
            matches!(taken, Err(Error::Refused { code: "organisation.same_name", .. })),
            "{taken:?}"
        );
        // A part of the former agency goes over to the one that takes over.
        let mut part = facts("Trung tâm Mẫu", AgencyKind::Centre, Some(first));
        part.symbol = "TTM".to_owned();
        let part = NewAgency {
            facts: part,
            on: day("2010-01-01"),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let part = super::super::establish(&mut tx, cx, part).await.unwrap();
        let alone = end_agency(&mut tx, cx, first, (day("2025-03-01"), None, DECISION)).await;
        assert!(
            matches!(alone, Err(Error::Refused { code: "organisation.has_parts", .. })),
            "{alone:?}"
        );
        let head = a_post(&mut tx, cx, (first, "Giám đốc", "2004-01-01"), true).await.unwrap();
        appointed(&mut tx, cx, (head, "Nguyễn Văn Mẫu"), days("2020-01-01", "")).await.unwrap();
        let new = Box::new(facts("Sở Khoa học và Công nghệ", AgencyKind::Department, None));
        let merged =
            merge(&mut tx, cx, &[first, other], Into::New(new), (day("2025-03-01"), DECISION))
                .await
                .unwrap();
        tx.commit().await.unwrap();
        world.holds().await;
        let mut tx = world.database.read().await.unwrap();
        let agencies = sql::agencies(&mut tx).await.unwrap();
        let name = |id, on: &str| agencies[&id].at(day(on)).map(|it| it.facts.name.clone());
        assert_eq!(name(first, "2007-12-31").unwrap(), "Sở Bưu chính, Viễn thông");
        assert_eq!(name(first, "2008-01-01").unwrap(), "Sở Thông tin và Truyền thông");
        assert_eq!((name(first, "2025-03-01"), name(other, "2025-03-01")), (None, None));
        assert_eq!(name(merged, "2025-03-01").unwrap(), "Sở Khoa học và Công nghệ");
        assert_eq!(agencies[&first].last().unwrap().successor, Some(merged));
        assert_eq!(agencies[&part].at(day("2025-03-01")).unwrap().facts.parent, Some(merged));
        assert_eq!(agencies[&part].at(day("2025-02-28")).unwrap().facts.parent, Some(first));
        let chart = sql::chart(&mut tx, &[first, merged]).await.unwrap();
        assert_eq!(chart.who_held(head, day("2025-02-28")).len(), 1);
        assert_eq!(chart.who_held(head, day("2025-03-01")).len(), 0);
        assert!(chart.posts_of(merged, day("2025-03-01")).is_empty(), "nobody is appointed");
    }
}

#[tokio::test]
async fn nothing_stands_above_itself() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let top = an_agency(&mut tx, cx, ("Sở Mẫu", "2024-01-01"), None).await.unwrap();
        let below = |name: &str, parent, on: &str| NewAgency {
            facts: facts(name, AgencyKind::Division, Some(parent)),
            on: day(on),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let middle = super::super::establish(&mut tx, cx, below("Phòng Mẫu", top, "2024-01-01"))
            .await
            .unwrap();
        let circle = change_agency(&mut tx, cx, top, below("Sở Mẫu", middle, "2024-02-01")).await;
        let Err(Error::Invalid(errors)) = circle else { panic!("{circle:?}") };
        assert_eq!(errors[0].place, "parent");
    }
}

#[tokio::test]
async fn committees_of_merged_communes_end_and_the_new_one_begins_vacant() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let old = (day("2020-01-01"), DECISION, true);
        for level in [Level::Province, Level::District, Level::Commune] {
            let formed = form_committees(&mut tx, cx, level, old).await.unwrap();
            assert_eq!(formed, territory.under(None, old.0, level).len(), "{level:?}");
            // Those that are there are not formed again.
            assert_eq!(form_committees(&mut tx, cx, level, old).await.unwrap(), 0);
        }
        let merged = territory.under(None, day(DAY), Level::Commune);
        let unit =
            merged.iter().find(|it| territory.predecessors(it.unit).len() >= 3).unwrap().unit;
        let agencies = sql::agencies(&mut tx).await.unwrap();
        let former = former_committees(&territory, &agencies, unit);
        assert_eq!(former.len(), territory.predecessors(unit).len());
        for (at, agency) in former.iter().enumerate() {
            let head = a_post(&mut tx, cx, (*agency, "Chủ tịch UBND xã", "2020-01-01"), true)
                .await
                .unwrap();
            let deputy =
                a_post(&mut tx, cx, (*agency, "Phó Chủ tịch UBND xã", "2020-01-01"), false)
                    .await
                    .unwrap();
            let name = |post: &str| {
                format!("Nguyễn Văn Mẫu {post} {}", ["A", "B", "C", "D", "E", "G"][at])
            };
            appointed(&mut tx, cx, (head, &name("Chủ")), days("2021-01-01", "")).await.unwrap();
            appointed(&mut tx, cx, (deputy, &name("Phó")), days("2021-01-01", "")).await.unwrap();
        }
        let chart = sql::chart(&mut tx, &former).await.unwrap();
        let rehearsed = rehearse(&territory, &agencies, &chart, unit).unwrap();
        assert_eq!(rehearsed.people.len(), former.len() * 2);
        let titles: Vec<&str> = rehearsed.posts.iter().map(|post| post.title.as_str()).collect();
        assert_eq!(titles, ["Chủ tịch", "Phó Chủ tịch"]);
        let new = merger::apply(&mut tx, cx, unit, DECISION).await.unwrap();
        let again = merger::apply(&mut tx, cx, unit, DECISION).await;
        assert!(
            matches!(again, Err(Error::Refused { code: "organisation.nothing_to_end", .. })),
            "{again:?}"
        );
        tx.commit().await.unwrap();
        world.holds().await;
        let mut tx = world.database.read().await.unwrap();
        let agencies = sql::agencies(&mut tx).await.unwrap();
        for id in &former {
            assert!(agencies[id].at(day(EVE)).is_some() && agencies[id].at(day(DAY)).is_none());
            assert_eq!(agencies[id].last().unwrap().event, Event::Ended);
        }
        assert_eq!(agencies[&new].at(day(DAY)).unwrap().facts.unit, Some(unit));
        let mut all = former.clone();
        all.push(new);
        let chart = sql::chart(&mut tx, &all).await.unwrap();
        let held =
            |on: &str| chart.holdings.values().filter(|it| it.valid.contains(day(on))).count();
        assert_eq!((held(EVE), held(DAY)), (former.len() * 2, 0));
        assert_eq!(chart.posts_of(new, day(DAY)).len(), 2);
        // Which units have not supplied their data, on the eve and on the day.
        let (heads, accounts) = sql::supplied(&mut tx, day(EVE)).await.unwrap();
        let levels = completeness(&territory, &agencies, (&heads, &accounts), day(EVE));
        let communes = levels.iter().find(|it| it.level == Level::Commune).unwrap();
        assert_eq!(communes.lacking[&Lack::Account].len(), former.len());
        assert_eq!(communes.lacking[&Lack::Head].len(), communes.units - former.len());
        let (heads, accounts) = sql::supplied(&mut tx, day(DAY)).await.unwrap();
        let levels = completeness(&territory, &agencies, (&heads, &accounts), day(DAY));
        let communes = levels.iter().find(|it| it.level == Level::Commune).unwrap();
        assert!(communes.lacking[&Lack::Head].contains(&unit));
        assert_eq!(communes.complete(), 0);
    }
}
