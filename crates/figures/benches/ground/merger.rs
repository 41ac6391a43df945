//! The merger of 75 communes into 28, with many records hanging on their hamlets.

use std::collections::BTreeMap;
use std::path::Path;

use base::Day;
use packs::PackFiles;
use store::Database;
use territory::merger::{MergerOrder, NewUnit};
use territory::{Act, Kind, Part, UnitCode, UnitId};

use crate::{data, database, row, timed};

type Line = BTreeMap<String, String>;

pub(crate) async fn run(records: usize) {
    println!("merger: 75 communes into 28, {records} postings hanging on the units");
    let database = database().await;
    let clock = data::clock();
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let files = PackFiles::from_folder(&packs.join("territory-hau-giang")).unwrap().files;
    let read = |name: &str| lines(&files[name]);
    let mut ids = BTreeMap::new();
    let before = read("units_2025_before_merger.csv");
    for length in [2, 3, 5] {
        let level = before.iter().filter(|line| line["code"].len() == length);
        let units = level.map(|line| unit(line, &line["parent_code"], &ids, Vec::new())).collect();
        found(&database, &mut ids, units).await;
    }
    let hamlets = read("hamlets_synthetic.csv");
    let place = "commune_code_before_2025_07_01";
    let units = hamlets.iter().map(|line| unit(line, &line[place], &ids, Vec::new())).collect();
    found(&database, &mut ids, units).await;

    let places: Vec<i64> = hamlets.iter().map(|line| ids[&line["code"]].0).collect();
    for group in data::entries(&clock, &places, records).chunks(5_000) {
        let mut tx = database.write().await.unwrap();
        journal::append(&mut tx, &clock, group.to_vec()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let changes = read("changes_2025.csv");
    let after = read("units_2025.csv");
    let into = after.iter().filter(|line| line["code"].len() == 5).map(|line| {
        let members = changes.iter().filter(|change| change["new_code"] == line["code"]);
        let from = members.map(|change| (ids[&change["old_code"]], Part::Whole)).collect();
        unit(line, "92", &ids, from)
    });
    let order = order(Day::new(2025, 7, 1).unwrap(), into.collect());
    let (id, time) = timed(apply(&database, &order)).await;
    let shown = |time: std::time::Duration| format!("{:.0} ms", time.as_secs_f64() * 1000.0);
    row("apply, one transaction (aim < 1 s)", &shown(time));
    let (_, time) = timed(async {
        let mut tx = database.write().await.unwrap();
        territory::undo(&mut tx, &clock, base::rights::Actor::operator("bench"), &id)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    row("undo", &shown(time));
}

async fn found(database: &Database, ids: &mut BTreeMap<String, UnitId>, into: Vec<NewUnit>) {
    let codes: Vec<String> = into.iter().map(|unit| unit.code.to_string()).collect();
    let order = order(Day::new(2004, 1, 1).unwrap(), into);
    let mut tx = database.write().await.unwrap();
    let formed = territory::rehearse_merger(&mut tx, &order).await.unwrap().formed;
    ids.extend(codes.into_iter().zip(formed));
    tx.commit().await.unwrap();
    apply(database, &order).await;
}

async fn apply(database: &Database, order: &MergerOrder) -> String {
    let mut tx = database.write().await.unwrap();
    let id = territory::apply_merger(
        &mut tx,
        &data::clock(),
        base::rights::Actor::operator("bench"),
        order,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

fn order(on: Day, into: Vec<NewUnit>) -> MergerOrder {
    let act = Act {
        id: 0,
        number: "bench".to_owned(),
        issuer: String::new(),
        title: String::new(),
        adopted_on: None,
        effective_on: Some(on),
        source: String::new(),
    };
    MergerOrder { act, on, into, children: Vec::new() }
}

fn unit(
    line: &Line,
    parent: &str,
    ids: &BTreeMap<String, UnitId>,
    from: Vec<(UnitId, Part)>,
) -> NewUnit {
    let kind = Kind::find(&line["type"]).unwrap();
    NewUnit {
        code: UnitCode::new(kind.level(), &line["code"]).unwrap(),
        name: line["name"].clone(),
        full_name: line["full_name"].clone(),
        kind,
        parent: ids.get(parent).copied().map(Into::into),
        from,
    }
}

fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(bytes);
    reader.deserialize().map(Result::unwrap).collect()
}
