//! Lists of units in pages: each unit once, none beyond, the way to those of other days, and flags.

use axum::http::StatusCode;
use lang::Lang;
use store::testing::TestDatabase;

use super::tests::{Site, site, site_over};
use crate::sample::{DAY, EVE, by_invented_act, hau_giang, invented_act, unit};

/// The ids of all units that the pages of a list link to, page by page.
async fn walk(site: &Site, first: &str, link: &str) -> Vec<Vec<String>> {
    let (mut path, mut pages) = (first.to_owned(), Vec::new());
    loop {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let text = answer.text();
        let table = text.split_once("<tbody>").unwrap().1.split_once("</tbody>").unwrap().0;
        let rows = table.split("<th scope=\"row\">").skip(1);
        let href = |row: &str| {
            row.split(link).nth(1).unwrap().split(['?', '"']).next().unwrap().to_owned()
        };
        pages.push(rows.map(href).collect());
        let next = text.split("<a href=\"").find(|link| link.contains("rel=\"next\""));
        match next {
            Some(next) => path = next.split('"').next().unwrap().replace("&amp;", "&"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn pages_of_lists_hold_each_unit_once_and_no_more_than_a_hundred() {
    let communes = 98001..98131;
    let mut units = "98,Minh Họa,Tỉnh Minh Họa,tinh,\n".to_owned();
    units.extend(communes.clone().map(|code| format!("{code},Mẫu {code},Xã Mẫu {code},xa,98\n")));
    let changes = by_invented_act(
        [",98".to_owned()].into_iter().chain(communes.map(|code| format!(",{code}"))),
    );
    let lists = invented_act(&units, &changes);
    let site = site_over(TestDatabase::sqlite().await, false, &[lists]).await;
    for (path, sizes) in [
        ("/units?under=98", &[100, 30][..]),
        ("/units?q=xa+mau", &[50, 50, 30]),
        ("/units?q=xa+mau&on=2026-05-01", &[50, 50, 30]),
    ] {
        let pages = walk(&site, path, "href=\"/units/").await;
        let found: Vec<usize> = pages.iter().map(Vec::len).collect();
        assert_eq!(found, sizes, "{path}");
        let mut codes: Vec<&String> = pages.iter().flatten().collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 130, "{path}: each once");
    }
}

#[tokio::test]
async fn a_cursor_that_names_nothing_of_the_list_is_refused() {
    let site = site(false).await;
    let elsewhere = unit(hau_giang(), "31441", DAY).0;
    for cursor in [
        base::Cursor::encode(&u64::MAX),
        base::Cursor::encode(&i64::MAX),
        base::Cursor::encode(&-1),
        base::Cursor::encode(&elsewhere),
        "x".to_owned(),
    ] {
        for path in
            ["/units?q=a&on=2025-06-30", "/units?on=2025-06-30", "/units?on=2025-06-30&under=935"]
        {
            let answer = site.get(&format!("{path}&cursor={cursor}")).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {cursor}");
        }
    }
}

#[tokio::test]
async fn groups_of_units_come_whole_and_together_fill_no_more_than_a_page() {
    let mut units = "98,Minh Họa,Tỉnh Minh Họa,tinh,\n".to_owned();
    let mut founded = vec![",98".to_owned()];
    for district in 981..985 {
        units.push_str(&format!("{district},{district},Huyện {district},huyen,98\n"));
        founded.push(format!(",{district}"));
        for at in 10..50 {
            let name = format!("Mẫu {district}{at}");
            units.push_str(&format!("{district}{at},{name},Xã {name},xa,{district}\n"));
            founded.push(format!(",{district}{at}"));
        }
    }
    let lists = invented_act(&units, &by_invented_act(founded));
    let site = site_over(TestDatabase::sqlite().await, false, &[lists]).await;
    // Two districts of 40 communes are 80 rows; a third would make 120.
    let first = site.get("/units?under=98").await.text();
    let next = first.split("<a href=\"").find(|link| link.contains("rel=\"next\"")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let second = site.get(&next).await.text();
    for (page, districts) in [(&first, ["981", "982"]), (&second, ["983", "984"])] {
        assert_eq!(page.matches("<h3>").count(), 2);
        for district in districts {
            assert_eq!(page.matches(&format!(">Xã Mẫu {district}")).count(), 40, "{district}");
        }
    }
    assert!(!second.contains("rel=\"next\""));
    let text = site.get("/units?on=2025-06-30&under=93").await.text();
    assert_eq!((text.matches("<h3>").count(), text.contains("rel=\"next\"")), (8, false));
}

#[tokio::test]
async fn a_unit_of_another_day_is_linked_from_the_page_that_misses_it() {
    let site = site(false).await;
    let id = unit(hau_giang(), "31447", EVE);
    for path in ["/units?under=31447".to_owned(), "/units?under=31447&on=2026-01-01".to_owned()] {
        let answer = site.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let text = answer.text();
        assert!(text.contains("href=\"/units/31447?on=2025-06-30\""), "{text}");
        assert!(text.contains("href=\"/units/31453?on=2026-"), "{text}");
    }
    let missed = super::find_unit(hau_giang(), &format!("~{id}"), DAY).unwrap_err();
    let base::Error::Elsewhen { text, see } = missed else { panic!("{missed:?}") };
    assert!(text.say(Lang::Vietnamese).contains("Xã Vị Thủy"));
    let pages: Vec<&str> = see.iter().map(|see| see.page.as_str()).collect();
    assert_eq!(pages, ["/units/31447?on=2025-06-30", "/units/31453?on=2025-07-01"]);
    for unknown in ["~0", "~x", "~99999999999999999999"] {
        let missed = super::find_unit(hau_giang(), unknown, DAY);
        assert!(matches!(missed, Err(base::Error::NotFound(_))), "{unknown}");
    }
}

#[tokio::test]
async fn made_up_hamlets_are_marked_wherever_they_are_named() {
    let site = site(false).await;
    let mark = "<span class=\"badge made-up\">";
    let marks = async |path: &str| site.get(path).await.text().matches(mark).count();
    let hamlets = hau_giang().children(Some(unit(hau_giang(), "31441", DAY)), DAY).count();
    // Each row, and the line that says where the page stands.
    assert_eq!(marks("/units?on=2025-07-01&under=31441").await, hamlets + 1);
    let hits = hau_giang().search("ap tan loi", Some(DAY), 50).len();
    assert!(hits > 0);
    assert_eq!(marks("/units?q=ap+tan+loi&on=2025-07-01").await, hits + 1);
    // Communes are real, and so is what the page says of them.
    assert_eq!(marks("/units?q=xa+vi+thuy&on=2025-06-30").await, 0);
    let address = "%E1%BA%A5p+T%C3%A2n+L%E1%BB%A3i,+x%C3%A3+V%E1%BB%8B+Th%E1%BB%A7y";
    let text = site.get(&format!("/converter?address={address}&on=2025-06-30")).await.text();
    // The line, and the hamlet itself; the codes are those of its communes.
    assert_eq!(text.matches(mark).count(), 2, "{text}");
    assert!(text.contains("mã 31447") && text.contains("mã 31453"), "{text}");
    assert!(!text.contains("mã 3144703"), "{text}");
    // That another commune now bears the name is told for the hamlets of the old one too.
    assert!(text.contains("Nay vẫn có Xã Vị Thủy"), "{text}");
}
