//! Agencies, roles and rights over the API: who gets what, the same rows as the pages, and what is
//! written once; a merger of committees taken back through the pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use store::testing::TestDatabase;

use crate::person::Person;
use crate::program::{LOGIN, Server, address, agent, packs, run};

const DECISION: &str = "01/QĐ-MẪU ngày 01/01/2020";

/// Committees of all units of a day, and one more agency below that of the province.
pub(crate) fn some_committees(person: &Person<'_>) {
    for level in ["province", "district", "commune"] {
        let path = "/tasks/organisation/do/committees";
        let fields = [("level", level), ("on", "01/01/2020"), ("decision", DECISION)];
        send(person, path, &fields);
    }
}

fn send(person: &Person<'_>, path: &str, fields: &[(&str, &str)]) {
    let csrf = person.csrf(path);
    let mut fields = fields.to_vec();
    fields.push(("csrf", &csrf));
    let page = person.values(path, &fields).send().unwrap();
    assert_eq!(page.status, 303, "{path}: {}", page.text());
}

/// Merges the committees of the first commune that can be; gives the address of the operation.
pub(crate) fn merge_committees(person: &Person<'_>) -> String {
    let path = "/tasks/organisation/merger";
    let page = person.get(path).text();
    let options = page.split("<option value=\"").skip(1);
    let unit = options.filter_map(|part| part.split('"').next()).find(|it| !it.is_empty());
    let unit = unit.unwrap_or_else(|| panic!("{page}"));
    let rehearsal = person.get(&format!("{path}?unit={unit}"));
    let (csrf, decision) = (rehearsal.hidden("csrf"), "02/QĐ-MẪU ngày 01/07/2025");
    let fields = [("csrf", &*csrf), ("unit", unit), ("decision", decision)];
    let done = person.values(path, &fields).send().unwrap();
    assert_eq!(done.status, 303, "{}", done.text());
    let list = person.get("/tasks/organisation/operations").text();
    let begin = "href=\"/tasks/organisation/operations/";
    let id = list.split_once(begin).unwrap().1.split('"').next().unwrap().to_owned();
    format!("/tasks/organisation/operations/{id}")
}

fn as_admin(server: &Server, path: &str) -> (u16, Value) {
    let request = agent().get(server.url(path)).header("authorization", LOGIN);
    let mut response = request.call().unwrap();
    (response.status().as_u16(), response.body_mut().read_json().unwrap_or_default())
}

/// Every item of a list, page by page.
fn all(server: &Server, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = as_admin(server, &format!("{path}&cursor={cursor}"));
        assert_eq!(status, 200, "{path}: {page}");
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return items,
        }
    }
}

/// The ids of agencies that a page lists.
fn listed(page: &str) -> BTreeSet<String> {
    let table = page.split_once("<table").map_or("", |(_, table)| table);
    let links = table.split("href=\"/agencies/").skip(1);
    links.filter_map(|part| part.split(['?', '"']).next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn agencies_and_rights_are_told_to_whoever_may_see_them() {
    for database in TestDatabase::each().await {
        let server = Server::with_packs(&database.location);
        let admin = Person::strong(&server, &address(&database.location));
        some_committees(&admin);
        let on = "on=2025-07-01";
        let top = admin.api(&format!("/api/v1/agencies?{on}&under=none")).1;
        let id = top["items"][0]["id"].as_str().unwrap().to_owned();
        let gone = "01a203df-1000-7000-8000-000000000001";
        // (what is asked, the status for everybody, that for the administrator)
        for (path, everybody, administrator) in [
            ("/api/v1/agencies".to_owned(), 200, 200),
            (format!("/api/v1/agencies?{on}&unit=92"), 200, 200),
            (format!("/api/v1/agencies?{on}&unit=99999"), 404, 404),
            ("/api/v1/agencies?on=x".to_owned(), 422, 422),
            ("/api/v1/agencies?under=x".to_owned(), 404, 404),
            ("/api/v1/agencies?cursor=x".to_owned(), 422, 422),
            (format!("/api/v1/agencies/{id}"), 200, 200),
            (format!("/api/v1/agencies/{id}?on=9999-99-99"), 422, 422),
            (format!("/api/v1/agencies/{gone}"), 404, 404),
            (format!("/api/v1/agencies/{id}/posts"), 200, 200),
            (format!("/api/v1/agencies/{gone}/posts"), 404, 404),
            ("/api/v1/agency-operations".to_owned(), 401, 200),
            ("/api/v1/agency-operations?cursor=x".to_owned(), 401, 422),
            ("/api/v1/organisation/completeness".to_owned(), 401, 200),
            ("/api/v1/organisation/completeness?level=hamlet".to_owned(), 401, 422),
            ("/api/v1/roles".to_owned(), 200, 200),
            ("/api/v1/roles/administrator".to_owned(), 200, 200),
            ("/api/v1/roles/nobody".to_owned(), 404, 404),
            ("/api/v1/rights".to_owned(), 401, 200),
            ("/api/v1/rights/why?act=right.assign".to_owned(), 401, 200),
            ("/api/v1/rights/why?act=right.assign&account=admin&unit=92".to_owned(), 401, 200),
            ("/api/v1/rights/why?act=x".to_owned(), 401, 422),
            ("/api/v1/rights/why?act=right.assign&account=x".to_owned(), 401, 422),
            ("/api/v1/assignments".to_owned(), 401, 200),
            ("/api/v1/assignments?account=x".to_owned(), 401, 422),
            ("/api/v1/accounts".to_owned(), 401, 200),
            // The administrator opens no personal data.
            ("/api/v1/personal-data/requests".to_owned(), 401, 403),
            (format!("/api/v1/personal-data/requests/{gone}"), 401, 403),
            ("/api/v1/personal-data/consents".to_owned(), 401, 403),
        ] {
            let (status, body) = server.get(&path);
            assert_eq!(status, everybody, "{path}: {body}");
            let (status, body) = admin.api(&path);
            assert_eq!(status, administrator, "{path}: {body}");
        }
        let (_, why) = admin.api("/api/v1/rights/why?act=request.reveal");
        assert_eq!((&why["may"], &why["lines"]), (&json!(false), &json!([])));
        let (_, why) = admin.api("/api/v1/rights/why?act=right.assign");
        assert_eq!((&why["may"], &why["lines"][0]["standing"]), (&json!(true), &json!("in_force")));
    }
}

#[tokio::test]
async fn pages_and_the_api_show_the_same_agencies() {
    for database in TestDatabase::each().await {
        let server = Server::with_packs(&database.location);
        let admin = Person::sign_in(&server);
        some_committees(&admin);
        let operation = merge_committees(&admin);
        for on in ["2019-12-31", "2020-01-01", "2025-06-30", "2025-07-01"] {
            let every = all(&server, &format!("/api/v1/agencies?on={on}"));
            let ids: BTreeSet<&str> = every.iter().map(|it| it["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), every.len(), "each once on {on}");
            let mut shown = BTreeSet::new();
            for above in every.iter().take(12) {
                let id = above["id"].as_str().unwrap();
                let below = all(&server, &format!("/api/v1/agencies?on={on}&under={id}"));
                let told: BTreeSet<String> =
                    below.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect();
                let (status, page) = server.page(&format!("/agencies?on={on}&under={id}&lang=vi"));
                assert_eq!(status, 200);
                assert_eq!(listed(&page), told, "below {id} on {on}");
                shown.extend(told);
            }
            assert!(shown.is_subset(&ids.iter().map(|id| (*id).to_owned()).collect()));
        }
        let (_, told) = as_admin(&server, "/api/v1/agency-operations");
        let told = &told["items"][0];
        assert!(operation.ends_with(told["id"].as_str().unwrap()) && told["undone_at"].is_null());
        // What each unit lacks is what the page counts.
        let level = "/api/v1/organisation/completeness?on=2025-07-01&level=commune";
        let units = all(&server, level);
        let head = units.iter().filter(|it| it["lacks"] == "head").count();
        let agency = units.iter().filter(|it| it["lacks"] == "agency").count();
        assert_eq!((units.len(), head), (28, 28 - agency));
        let path = "/tasks/organisation/completeness?on=2025-07-01&lang=vi";
        assert!(admin.get(path).text().contains(&format!("({agency})")));
        // Taken back: the page says so, and so does the API.
        let page = admin.get(&operation);
        let csrf = page.hidden("csrf");
        let nothing = [("csrf", &*csrf), ("decision", "")];
        assert_eq!(admin.values(&operation, &nothing).send().unwrap().status, 422);
        let fields = [("csrf", &*csrf), ("decision", "03/QĐ-MẪU")];
        assert_eq!(admin.values(&operation, &fields).send().unwrap().status, 303);
        assert_eq!(admin.values(&operation, &fields).send().unwrap().status, 409);
        let (_, told) = as_admin(&server, "/api/v1/agency-operations");
        assert_eq!(told["items"][0]["undone_decision"], "03/QĐ-MẪU");
        let verified = run(&["verify", "--database", &address(&database.location)]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    }
}

#[tokio::test]
async fn a_role_is_given_once_and_taken_away_over_the_api() {
    for database in TestDatabase::each().await {
        let server = Server::with_packs(&database.location);
        let rights = packs().join("rights").display().to_string();
        for words in [["account", "add", "an"], ["pack", "apply", &rights]] {
            let at = ["--database", &address(&database.location)];
            let done = run(&[&words[..], &at].concat());
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        // Who gives what others may do has shown more than a password; a program cannot.
        let path = "/api/v1/assignments";
        let admin = Person::strong(&server, &address(&database.location));
        let role = json!({"role": "administrator", "account": "an", "from": "2026-01-01", "decision": DECISION});
        let with = |name: &str, value: &str| {
            let mut changed = role.clone();
            changed[name] = json!(value);
            changed
        };
        for (body, status, place) in [
            (with("role", "nobody"), 422, "role"),
            (with("role", "commune-one-stop"), 422, "unit"),
            (with("account", "nobody"), 422, "account"),
            (with("account", ""), 422, "post"),
            (with("post", "x"), 422, "post"),
            (with("unit", "99999"), 422, "unit"),
            (with("from", "soon"), 422, "from"),
            (with("to", "2025-12-31"), 422, "to"),
            (with("decision", " "), 422, "decision"),
            (with("account", "admin"), 409, ""),
        ] {
            let (got, answer) = admin.sends(path, &body);
            assert_eq!(got, status, "{body}: {answer}");
            let at = answer["errors"][0]["place"].as_str().unwrap_or_default();
            assert_eq!(at, place, "{body}: {answer}");
        }
        assert_eq!(admin.sends(path, &with("unknown", "x")).0, 422);
        let bare = agent().post(server.url(path)).send_json(&role).unwrap();
        assert_eq!(bare.status(), 401);
        let (status, given) = admin.sends(path, &role);
        assert_eq!((status, &given["account"], &given["to"]), (201, &json!("an"), &Value::Null));
        // Sent again, it is there already.
        let (status, again) = admin.sends(path, &role);
        assert_eq!((status, &again["errors"][0]["place"]), (422, &json!("from")));
        let (_, list) = admin.api("/api/v1/assignments?account=an");
        assert_eq!(list["items"], json!([given]));
        let end = format!("{path}/{}/end", given["id"].as_str().unwrap());
        for (body, status) in [
            (json!({"on": "x", "decision": DECISION}), 422),
            (json!({"on": "2025-01-01", "decision": DECISION}), 422),
            (json!({"on": "2026-01-01", "decision": ""}), 422),
            (json!({"on": "2026-01-01", "decision": DECISION}), 201),
            (json!({"on": "2026-01-01", "decision": DECISION}), 422),
        ] {
            assert_eq!(admin.sends(&end, &body).0, status, "{body}");
        }
        let missing = format!("{path}/01a203df-1000-7000-8000-000000000001/end");
        let body = json!({"on": "2026-01-01", "decision": DECISION});
        assert_eq!(admin.sends(&missing, &body).0, 404);
        assert_eq!(admin.api("/api/v1/assignments?account=an").1["items"], json!([]));
    }
}
