//! Importing the nation's units from a folder of lists.

use std::path::Path;

use packs::PackFiles;

use crate::{data, database, row, timed};

pub(crate) async fn run(folder: Option<&str>) {
    let Some(folder) = folder else {
        println!("import: give the folder with the nation's lists");
        return;
    };
    let files = PackFiles::from_folder(Path::new(folder)).unwrap().files;
    let database = database().await;
    let clock = data::clock();
    println!("import: units and changes of {folder}");
    for what in ["first import (aim <= 10 s)", "second import, nothing new"] {
        let mut tx = database.write().await.unwrap();
        let (imported, time) = timed(async {
            let imported = territory::import_lists(
                &mut tx,
                &clock,
                base::rights::Actor::operator("bench"),
                &files,
            )
            .await
            .unwrap();
            tx.commit().await.unwrap();
            imported
        })
        .await;
        let text = format!("{:.2} s, {} units", time.as_secs_f64(), imported.units);
        row(what, &text);
    }
}
