//! People and posts from files, and what is told about them.

use base::Error;

use super::super::actions::Context;
use super::super::import::{plan, read, template, write};
use super::super::store as sql;
use super::{World, an_agency, day};

const HEAD: &str =
    "Cơ quan,Chức vụ,Họ và tên,Thư điện tử,Điện thoại,Từ ngày,Quyết định,Hình thức\n";

async fn planned(world: &World, cx: Context<'_>, text: &str) -> Result<usize, Vec<String>> {
    let rows = match read(text.as_bytes()) {
        Ok(rows) => rows,
        Err(error) => return Err(places(error)),
    };
    let mut tx = world.database.write().await.unwrap();
    match plan(&mut tx, cx, &rows).await {
        Ok(plan) => {
            let count = write(&mut tx, cx, plan).await.unwrap();
            tx.commit().await.unwrap();
            Ok(count)
        }
        Err(error) => Err(places(error)),
    }
}

fn places(error: Error) -> Vec<String> {
    let Error::Invalid(errors) = error else { panic!("{error}") };
    errors.into_iter().map(|error| error.place).collect()
}

#[tokio::test]
async fn a_table_is_written_whole_or_not_at_all() {
    for world in World::each().await {
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let id =
            an_agency(&mut tx, cx, ("Ủy ban nhân dân xã Mẫu", "2024-01-01"), None).await.unwrap();
        tx.commit().await.unwrap();
        let good = "Ủy ban nhân dân xã Mẫu,Chủ tịch UBND xã,Nguyễn Văn Mẫu,mau@example.vn,02933123456,01/01/2024,01/QĐ,\n\
                    ủy ban nhân dân Xã Mẫu,Phó Chủ tịch UBND xã,Trần Thị Mẫu,,,01/02/2024,02/QĐ,Chính thức\n\
                    MAU,Phó Chủ tịch UBND xã,Lê Văn Mẫu,,,01/02/2024,02/QĐ,Phụ trách\n\
                    MAU,Văn thư,Trần Thị Mẫu,,,01/02/2024,02/QĐ,\n";
        for (rows, expected) in [
            ("MAU,Chủ tịch UBND xã,Nguyễn Văn Mẫu,,,32/01/2024,01/QĐ,\n", vec!["row 6 from"]),
            ("Sở lạ,Chủ tịch UBND xã,Nguyễn Văn Mẫu,,,01/01/2024,01/QĐ,\n", vec!["row 6 agency"]),
            ("MAU,Chủ tịch UBND xã,Lê Văn Mẫu,,,01/06/2024,01/QĐ,\n", vec!["row 6 from"]),
            (
                "MAU,,,x,y,01/06/2024,,Tạm\n",
                vec![
                    "row 6 manner",
                    "row 6 post",
                    "row 6 decision",
                    "row 6 name",
                    "row 6 email",
                    "row 6 phone",
                ],
            ),
            ("MAU,Văn thư,Trần Thị Mẫu,,,01/06/2024,01/QĐ,\n", vec!["row 6 from"]),
            (
                "MAU,Văn thư,079200000001,,079200000001,01/06/2024,01/QĐ,\n",
                vec!["row 6 name", "row 6 phone"],
            ),
            ("MAU,Văn thư,Lê Văn Mẫu,,,01/06/2024,VÍ DỤ – xóa dòng này,\n", vec!["row 6 decision"]),
            ("MAU,Văn thư,Lê Văn Mẫu,,,01/06/2023,01/QĐ,\n", vec!["row 6 agency"]),
        ] {
            let found = planned(&world, cx, &format!("{HEAD}{good}{rows}")).await.unwrap_err();
            assert_eq!(found, expected, "{rows}");
            let mut tx = world.database.read().await.unwrap();
            assert!(sql::posts_of(&mut tx, &[id]).await.unwrap().is_empty(), "{rows}");
        }
        assert_eq!(planned(&world, cx, &format!("{HEAD}{good}")).await, Ok(4));
        world.holds().await;
        let mut tx = world.database.read().await.unwrap();
        let chart = sql::chart(&mut tx, &[id]).await.unwrap();
        // "Trần Thị Mẫu" of the same agency is one person with two posts.
        assert_eq!((chart.posts.len(), chart.people.len(), chart.holdings.len()), (3, 3, 4));
        let posts = chart.posts_of(id, day("2024-03-01"));
        let titles: Vec<(&str, bool)> = posts.iter().map(|it| (&*it.signs_as, it.leads)).collect();
        assert_eq!(titles, [("Chủ tịch", true), ("Phó Chủ tịch", false), ("Văn thư", false)]);
        drop(tx);
        // The same once more: everybody is there already.
        assert_eq!(planned(&world, cx, &format!("{HEAD}{good}")).await.unwrap_err().len(), 4);
    }
}

#[test]
fn what_cannot_be_read_is_named_by_row_and_column() {
    let places_of = |text: &str| read(text.as_bytes()).map_or_else(places, |_| Vec::new());
    for (text, expected) in [
        ("", "file"),
        (HEAD, "file"),
        ("Cơ quan,Chức vụ,Từ ngày,Quyết định\na,b,c,d\n", "row 1 name"),
        ("Cơ quan,Đơn vị,Chức vụ,Họ tên,Từ ngày,Quyết định\n", "row 1 agency"),
        (&format!("{HEAD}a,b,\"c\n"), "row 2"),
    ] {
        assert_eq!(places_of(text), [expected], "{text}");
    }
    // English headings, in another order, without the columns that may be left out.
    let rows =
        read("name;post;agency;decision;from\nMẫu;Văn thư;UBND;1/QĐ;01/01/2024\n".as_bytes())
            .unwrap();
    assert_eq!((&*rows[0].name, &*rows[0].agency, &*rows[0].email), ("Mẫu", "UBND", ""));
}

#[test]
fn the_template_can_be_read_again_in_every_language() {
    for lang in lang::Lang::ALL {
        let table = template(lang, "Ủy ban nhân dân xã Mẫu", "01/07/2025");
        let text = table.map(|row| row.join(";")).join("\n");
        let rows = read(text.as_bytes()).unwrap();
        assert_eq!((rows.len(), &*rows[0].name), (1, "Nguyễn Văn Mẫu"));
    }
}
