//! Every route and what is asked of whoever comes: the one table of who may open what.
//!
//! A route that is not here is closed. The rights themselves are data: packs say which role may do
//! which act.

use access::{Door, Need};
use base::rights::Act;

const OPEN: Need = Need::Nothing;
const OWN: Need = Need::SignIn;

const fn act(act: Act) -> Need {
    Need::Act(act)
}

/// Whoever reports counts or corrects them works on the same pages.
const COUNTS: Need = Need::Either(Act::ReportObservations, Act::ReadObservations);
/// Whoever changes agencies and whoever appoints works on the same pages.
const ORGANISATION: Need = Need::Either(Act::ChangeAgencies, Act::Appoint);

/// Whoever takes requests and whoever decides on them works on the same pages.
const REQUESTS: Need = Need::Either(Act::ReceiveRequests, Act::DecideRequests);

/// The doors.
pub(crate) const DOORS: &[Door] = &[
    // The machine.
    ("GET", "/healthz", OPEN),
    ("GET", "/metrics", OPEN),
    ("GET", "/assets/{name}", OPEN),
    // Signing in, and one's own account.
    ("GET", "/sign-in", OPEN),
    ("POST", "/sign-in", OPEN),
    ("GET", "/sign-in/code", OPEN),
    ("POST", "/sign-in/code", OPEN),
    ("POST", "/sign-in/passkey", OPEN),
    ("POST", "/sign-in/passkey/begin", OPEN),
    ("POST", "/sign-in/code/passkey", OPEN),
    ("POST", "/sign-in/code/passkey/begin", OPEN),
    ("GET", "/sign-in/by/{provider}", OPEN),
    ("GET", "/sign-in/by/{provider}/return", OPEN),
    ("POST", "/sign-out", OPEN),
    ("GET", "/account", OWN),
    ("POST", "/account/password", OWN),
    ("POST", "/account/end-session", OWN),
    ("POST", "/account/end-others", OWN),
    ("GET", "/account/rights", OWN),
    ("GET", "/account/reads", OWN),
    ("GET", "/account/second-factor", OWN),
    ("POST", "/account/second-factor/begin", OWN),
    ("POST", "/account/second-factor/confirm", OWN),
    ("POST", "/account/second-factor/codes", OWN),
    ("POST", "/account/second-factor/end", OWN),
    ("GET", "/account/passkeys", OWN),
    ("POST", "/account/passkeys/begin", OWN),
    ("POST", "/account/passkeys/add", OWN),
    ("POST", "/account/passkeys/remove", OWN),
    ("GET", "/account/sign-in-by", OWN),
    ("POST", "/account/sign-in-by/link", OWN),
    ("POST", "/account/sign-in-by/unlink", OWN),
    ("GET", "/tasks", OWN),
    // Roles, and who has them.
    ("GET", "/roles", OPEN),
    ("GET", "/roles/{code}", OPEN),
    ("GET", "/tasks/rights", act(Act::AssignRights)),
    ("GET", "/tasks/rights/give", act(Act::AssignRights)),
    ("POST", "/tasks/rights/give", act(Act::AssignRights)),
    ("GET", "/tasks/rights/why", act(Act::AssignRights)),
    ("GET", "/tasks/rights/{id}/end", act(Act::AssignRights)),
    ("POST", "/tasks/rights/{id}/end", act(Act::AssignRights)),
    ("GET", "/tasks/accounts", act(Act::ManageAccounts)),
    ("POST", "/tasks/accounts", act(Act::ManageAccounts)),
    ("POST", "/tasks/accounts/{name}/{act}", act(Act::ManageAccounts)),
    ("GET", "/tasks/trace", act(Act::ReadTrace)),
    // Personal data: citizens without an account, and the desk that handles what they ask for.
    ("GET", "/my-data", OPEN),
    ("GET", "/my-data/new", OPEN),
    ("POST", "/my-data/new", OPEN),
    ("POST", "/my-data/look", OPEN),
    ("GET", "/my-data/consents", OPEN),
    ("GET", "/my-data/consents/{purpose}", OPEN),
    ("POST", "/my-data/consents/{purpose}", OPEN),
    ("GET", "/my-data/{code}", OPEN),
    ("POST", "/my-data/{code}", OPEN),
    ("POST", "/my-data/{code}/withdraw", OPEN),
    ("GET", "/tasks/personal-data", act(Act::ReceiveRequests)),
    ("GET", "/tasks/personal-data/requests/new", act(Act::ReceiveRequests)),
    ("POST", "/tasks/personal-data/requests/new", act(Act::ReceiveRequests)),
    ("GET", "/tasks/personal-data/requests/{id}", act(Act::ReceiveRequests)),
    ("POST", "/tasks/personal-data/requests/{id}", act(Act::RevealCitizens)),
    ("GET", "/tasks/personal-data/requests/{id}/do/{step}", REQUESTS),
    ("POST", "/tasks/personal-data/requests/{id}/do/{step}", REQUESTS),
    ("GET", "/tasks/personal-data/consents", act(Act::RecordConsents)),
    ("GET", "/tasks/personal-data/consents/new/{purpose}", act(Act::RecordConsents)),
    ("POST", "/tasks/personal-data/consents/new/{purpose}", act(Act::RecordConsents)),
    ("GET", "/tasks/personal-data/consents/{id}", act(Act::RecordConsents)),
    ("POST", "/tasks/personal-data/consents/{id}", act(Act::RevealCitizens)),
    ("POST", "/tasks/personal-data/consents/{id}/withdraw", act(Act::RecordConsents)),
    ("GET", "/tasks/personal-data/copy", act(Act::RevealCitizens)),
    ("POST", "/tasks/personal-data/copy", act(Act::RevealCitizens)),
    ("GET", "/tasks/personal-data/retention", act(Act::ApplyRetention)),
    ("POST", "/tasks/personal-data/retention", act(Act::ApplyRetention)),
    ("GET", "/tasks/personal-data/retention/{id}", act(Act::ApplyRetention)),
    ("POST", "/tasks/personal-data/retention/{id}", act(Act::ApplyRetention)),
    // Agencies and posts.
    ("GET", "/agencies", OPEN),
    ("GET", "/agencies/{id}", OPEN),
    ("POST", "/agencies/{id}/contacts", act(Act::ReadPeople)),
    ("GET", "/tasks/organisation", ORGANISATION),
    ("GET", "/tasks/organisation/completeness", ORGANISATION),
    ("GET", "/tasks/organisation/import", act(Act::Appoint)),
    ("POST", "/tasks/organisation/import", act(Act::Appoint)),
    ("POST", "/tasks/organisation/import/apply", act(Act::Appoint)),
    ("GET", "/tasks/organisation/import/template.csv", act(Act::Appoint)),
    ("GET", "/tasks/organisation/import/template.xlsx", act(Act::Appoint)),
    ("GET", "/tasks/organisation/merger", act(Act::ChangeAgencies)),
    ("POST", "/tasks/organisation/merger", act(Act::ChangeAgencies)),
    ("GET", "/tasks/organisation/operations", act(Act::ChangeAgencies)),
    ("GET", "/tasks/organisation/operations/{id}", act(Act::ChangeAgencies)),
    ("POST", "/tasks/organisation/operations/{id}", act(Act::ChangeAgencies)),
    ("GET", "/tasks/organisation/do/{task}", ORGANISATION),
    ("POST", "/tasks/organisation/do/{task}", ORGANISATION),
    ("GET", "/tasks/organisation/do/{task}/{id}", ORGANISATION),
    ("POST", "/tasks/organisation/do/{task}/{id}", ORGANISATION),
    // Territory.
    ("GET", "/units", OPEN),
    ("GET", "/converter", OPEN),
    ("POST", "/converter/table", OPEN),
    ("GET", "/sources", OPEN),
    ("GET", "/tasks/territory", act(Act::ChangeTerritory)),
    ("POST", "/tasks/territory", act(Act::ChangeTerritory)),
    ("POST", "/tasks/territory/apply", act(Act::ChangeTerritory)),
    ("GET", "/tasks/mergers", act(Act::ChangeTerritory)),
    ("GET", "/tasks/mergers/new", act(Act::ChangeTerritory)),
    ("POST", "/tasks/mergers/new", act(Act::ChangeTerritory)),
    ("GET", "/tasks/mergers/{id}/undo", act(Act::ChangeTerritory)),
    ("POST", "/tasks/mergers/{id}/undo", act(Act::ChangeTerritory)),
    ("GET", "/api/v1/agencies", OPEN),
    ("GET", "/api/v1/agencies/{id}", OPEN),
    ("GET", "/api/v1/agencies/{id}/posts", OPEN),
    ("GET", "/api/v1/agency-operations", act(Act::ChangeAgencies)),
    ("GET", "/api/v1/organisation/completeness", ORGANISATION),
    ("GET", "/api/v1/roles", OPEN),
    ("GET", "/api/v1/roles/{code}", OPEN),
    ("GET", "/api/v1/rights", OWN),
    ("GET", "/api/v1/rights/why", OWN),
    ("GET", "/api/v1/assignments", act(Act::AssignRights)),
    ("POST", "/api/v1/assignments", act(Act::AssignRights)),
    ("POST", "/api/v1/assignments/{id}/end", act(Act::AssignRights)),
    ("GET", "/api/v1/accounts", act(Act::ManageAccounts)),
    ("GET", "/api/v1/personal-data/requests", act(Act::ReceiveRequests)),
    ("POST", "/api/v1/personal-data/requests", act(Act::ReceiveRequests)),
    ("GET", "/api/v1/personal-data/requests/{id}", act(Act::ReceiveRequests)),
    ("GET", "/api/v1/personal-data/consents", act(Act::RecordConsents)),
    ("GET", "/api/v1/units", OPEN),
    ("GET", "/api/v1/units/{code}", OPEN),
    ("GET", "/api/v1/units/{code}/history", OPEN),
    ("GET", "/api/v1/units/{code}/predecessors", OPEN),
    ("GET", "/api/v1/units/{code}/successors", OPEN),
    ("GET", "/api/v1/convert", OPEN),
    ("GET", "/api/v1/locate", OPEN),
    ("GET", "/api/v1/acts", OPEN),
    ("GET", "/api/v1/operations", OPEN),
    // Figures: published for everybody, small numbers only for those who may see them.
    ("GET", "/", OPEN),
    ("GET", "/units/{unit}", OPEN),
    ("GET", "/indicators", OPEN),
    ("GET", "/indicators/{code}", OPEN),
    ("GET", "/indicators/{code}/table.csv", OPEN),
    ("GET", "/indicators/{code}/table.xlsx", OPEN),
    ("GET", "/figures/{indicator}/{unit}/{period}", OPEN),
    ("GET", "/figures/{indicator}/{unit}/{period}/explain", OPEN),
    ("GET", "/entries/{seq}", OPEN),
    ("GET", "/claims", OPEN),
    ("GET", "/dashboard", OPEN),
    ("GET", "/dashboard/{code}", OPEN),
    ("GET", "/indexes", OPEN),
    ("GET", "/indexes/{code}", OPEN),
    ("GET", "/indexes/{code}/{version}", OPEN),
    ("GET", "/targets", OPEN),
    ("GET", "/targets/{code}", OPEN),
    ("GET", "/completeness", OPEN),
    ("GET", "/completeness/table.csv", OPEN),
    ("GET", "/completeness/reminders", OPEN),
    ("GET", "/api/v1/indicators", OPEN),
    ("GET", "/api/v1/calendars", OPEN),
    ("GET", "/api/v1/figures", OPEN),
    ("GET", "/api/v1/figures/entries", OPEN),
    ("GET", "/api/v1/figures/explain", OPEN),
    ("GET", "/api/v1/claims", OPEN),
    ("GET", "/api/v1/targets", OPEN),
    ("GET", "/api/v1/indexes", OPEN),
    ("GET", "/api/v1/indexes/{code}", OPEN),
    ("GET", "/api/v1/collections", OPEN),
    ("GET", "/api/v1/collections/{code}/completeness", OPEN),
    ("GET", "/api/v1/entries/{seq}", OPEN),
    // Counts as they were reported.
    ("GET", "/observations/{id}", OPEN),
    ("GET", "/observations/{id}/evidence", act(Act::ReadObservations)),
    ("GET", "/observations/{id}/{act}", act(Act::CorrectObservations)),
    ("POST", "/observations/{id}/{act}", act(Act::CorrectObservations)),
    ("GET", "/tasks/observations", COUNTS),
    ("GET", "/tasks/observations/new", act(Act::ReportObservations)),
    ("POST", "/tasks/observations/new", act(Act::ReportObservations)),
    ("GET", "/tasks/observations/import", act(Act::ReportObservations)),
    ("POST", "/tasks/observations/import", act(Act::ReportObservations)),
    ("POST", "/tasks/observations/import/apply", act(Act::ReportObservations)),
    ("GET", "/tasks/observations/import/template.csv", act(Act::ReportObservations)),
    ("GET", "/tasks/observations/import/template.xlsx", act(Act::ReportObservations)),
    ("GET", "/api/v1/observations", act(Act::ReadObservations)),
    ("POST", "/api/v1/observations", act(Act::ReportObservations)),
    ("GET", "/api/v1/observations/{id}", OPEN),
    ("POST", "/api/v1/observations/{id}/corrections", act(Act::CorrectObservations)),
    ("POST", "/api/v1/observations/{id}/withdrawal", act(Act::CorrectObservations)),
    // Approval.
    ("GET", "/tasks/approvals", act(Act::ReadApprovals)),
    ("GET", "/tasks/approvals/{collection}/{period}/{unit}", act(Act::ReadApprovals)),
    ("POST", "/tasks/approvals/{collection}/{period}/{unit}", act(Act::ReadApprovals)),
    (
        "GET",
        "/tasks/approvals/{collection}/{period}/{unit}/findings/{rule}",
        act(Act::MarkFindings),
    ),
    (
        "POST",
        "/tasks/approvals/{collection}/{period}/{unit}/findings/{rule}",
        act(Act::MarkFindings),
    ),
    ("GET", "/api/v1/approvals", act(Act::ReadApprovals)),
    ("POST", "/api/v1/approvals", act(Act::ReadApprovals)),
    // Reports and publications.
    ("GET", "/reports", OPEN),
    ("GET", "/reports/{code}", OPEN),
    ("GET", "/reports/{code}/publish", act(Act::Publish)),
    ("POST", "/reports/{code}/publish", act(Act::Publish)),
    ("GET", "/publications", OPEN),
    ("GET", "/publications/{reference}", OPEN),
    ("GET", "/publications/{reference}/withdraw", act(Act::WithdrawPublication)),
    ("POST", "/publications/{reference}/withdraw", act(Act::WithdrawPublication)),
    ("GET", "/api/v1/reports", OPEN),
    ("GET", "/api/v1/reports/{code}", OPEN),
    ("GET", "/api/v1/publications", OPEN),
    ("GET", "/api/v1/publications/{id}", OPEN),
    // Campaigns.
    ("GET", "/campaigns", OPEN),
    ("GET", "/campaigns/{code}", OPEN),
    ("GET", "/campaigns/{code}/{round}/freeze", act(Act::FreezeCampaign)),
    ("POST", "/campaigns/{code}/{round}/freeze", act(Act::FreezeCampaign)),
    ("GET", "/campaigns/{code}/{round}/reopen", act(Act::FreezeCampaign)),
    ("POST", "/campaigns/{code}/{round}/reopen", act(Act::FreezeCampaign)),
    ("GET", "/campaigns/{code}/{round}/awards", OPEN),
    ("POST", "/campaigns/{code}/{round}/awards", act(Act::AwardCampaign)),
    ("POST", "/campaigns/{code}/{round}/awards/withdraw", act(Act::AwardCampaign)),
    ("GET", "/campaigns/{code}/{round}/{group}", OPEN),
    ("GET", "/campaigns/{code}/{round}/{group}/table.csv", OPEN),
    ("GET", "/campaigns/{code}/{round}/{group}/table.xlsx", OPEN),
    ("GET", "/campaigns/{code}/{round}/{group}/{unit}", OPEN),
    (
        "GET",
        "/campaigns/{code}/{round}/{group}/{unit}/{act}",
        Need::Either(Act::AdjustCampaign, Act::ExplainCampaign),
    ),
    (
        "POST",
        "/campaigns/{code}/{round}/{group}/{unit}/{act}",
        Need::Either(Act::AdjustCampaign, Act::ExplainCampaign),
    ),
    ("GET", "/campaign-adjustments/{id}/withdraw", act(Act::AdjustCampaign)),
    ("POST", "/campaign-adjustments/{id}/withdraw", act(Act::AdjustCampaign)),
    ("GET", "/campaign-adjustments/{id}/evidence", act(Act::ReadCampaigns)),
    ("GET", "/campaign-filings/{id}/decide", act(Act::DecideCampaign)),
    ("POST", "/campaign-filings/{id}/decide", act(Act::DecideCampaign)),
    ("GET", "/campaign-filings/{id}/evidence", act(Act::ReadCampaigns)),
    ("GET", "/api/v1/campaigns", OPEN),
    ("GET", "/api/v1/campaigns/{code}/rounds/{round}/groups/{group}", OPEN),
    // Watches, which need no account: a secret link is the key.
    ("GET", "/watch", OPEN),
    ("POST", "/watch", OPEN),
    ("GET", "/watch/asked", OPEN),
    ("GET", "/watch/all.atom", OPEN),
    ("GET", "/watch/targets/{file}", OPEN),
    ("GET", "/watch/indicators/{file}", OPEN),
    ("GET", "/watch/publications/{file}", OPEN),
    ("GET", "/watch/confirm/{token}", OPEN),
    ("POST", "/watch/confirm/{token}", OPEN),
    ("GET", "/watch/{token}", OPEN),
    ("POST", "/watch/{token}", OPEN),
    ("GET", "/watch/{token}/end/{watch}", OPEN),
    ("POST", "/watch/{token}/end/{watch}", OPEN),
    ("GET", "/tasks/outbox", act(Act::ManageOutbox)),
    ("POST", "/tasks/outbox", act(Act::ManageOutbox)),
    // Seals: whoever proves something needs nobody's leave.
    ("GET", "/seals", OPEN),
    ("GET", "/seals/{size}", OPEN),
    ("GET", "/seals/{size}/growth", OPEN),
    ("GET", "/entries/{seq}/proof", OPEN),
    ("GET", "/tlog/checkpoint", OPEN),
    ("GET", "/tlog/tile/{*path}", OPEN),
    ("GET", "/api/v1/seals", OPEN),
    ("GET", "/api/v1/seals/{size}", OPEN),
    ("GET", "/api/v1/seals/{size}/growth", OPEN),
    ("GET", "/api/v1/entries/{seq}/proof", OPEN),
    // The API's description.
    ("GET", "/api/v1/openapi.json", OPEN),
    ("GET", "/api/v1/docs", OPEN),
];

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fmt::Write as _;

    use access::Doors;
    use access::grants::{ADMINISTRATOR, Role};
    use axum::Router;
    use axum::body::Body;
    use axum::http::Request;
    use axum::middleware::from_fn_with_state;
    use axum::routing::any;
    use tower::ServiceExt as _;

    use super::*;

    /// The router has no list of its routes, but its debugging text names them all.
    fn routed() -> BTreeSet<String> {
        let text = format!("{:?}", crate::routes::bare());
        let (_, paths) = text.split_once("paths: {").unwrap();
        let (paths, _) = paths.split_once('}').map(|_| paths.split_once("}, ").unwrap()).unwrap();
        let quoted = paths.split('"').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    }

    #[test]
    fn every_route_has_a_door_and_every_door_a_route() {
        let doors: BTreeSet<String> = DOORS.iter().map(|(_, path, _)| (*path).to_owned()).collect();
        let routed = routed();
        assert!(routed.len() > 100, "the routes are not read any more: {routed:?}");
        let without: Vec<_> = routed.difference(&doors).collect();
        let leads_nowhere: Vec<_> = doors.difference(&routed).collect();
        assert!(without.is_empty(), "routes without a door: {without:#?}");
        assert!(leads_nowhere.is_empty(), "doors without a route: {leads_nowhere:#?}");
    }

    /// Behind the doors stand handlers that take whatever reaches them.
    #[tokio::test]
    async fn each_method_of_each_route_passes_its_door_or_is_told_what_the_path_takes() {
        let paths: BTreeSet<&str> = DOORS.iter().map(|(_, path, _)| *path).collect();
        let mut router = Router::new();
        for path in &paths {
            router = router.route(path, any(|| async { "reached" }));
        }
        let doors = Doors::new(DOORS);
        let router = router.layer(from_fn_with_state(doors, access::ask_at_door));
        let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FANCY"];
        for (path, method) in paths.iter().flat_map(|path| all.map(|method| (path, method))) {
            let uri = path.replace(['{', '}', '*'], "");
            let request = Request::builder().method(method).uri(&*uri).body(Body::empty()).unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers());
            let own: Vec<&str> =
                DOORS.iter().filter(|door| door.1 == *path).map(|door| door.0).collect();
            let asked = if method == "HEAD" { "GET" } else { method };
            let need = DOORS.iter().find(|door| door.1 == *path && door.0 == asked);
            let expected = match need {
                Some((_, _, OPEN)) => vec![200],
                // To sign-in, or that it is wanted.
                Some(_) => vec![303, 401],
                None if method == "OPTIONS" => vec![204],
                None if asked == "GET" && !path.starts_with("/api/") => vec![303],
                None => vec![405],
            };
            assert!(expected.contains(&status), "{method} {path}: {status}");
            assert_eq!(headers.contains_key("allow"), need.is_none(), "{method} {path}");
            if need.is_none() {
                let allow = headers["allow"].to_str().unwrap().split(", ");
                let allow: BTreeSet<&str> = allow.collect();
                let head = own.contains(&"GET").then_some("HEAD");
                let takes = own.into_iter().chain(head).chain(["OPTIONS"]).collect();
                assert_eq!(allow, takes, "{method} {path}");
            }
        }
    }

    /// The roles of the pack that comes with the program, and that of the administrator.
    fn roles() -> Vec<Role> {
        let pack = packs::read(&crate::packs_inside::files("rights"), &packs::Catalogue::default());
        let mut roles = vec![Role::administrator()];
        roles.extend(pack.unwrap().roles);
        roles
    }

    /// Every act, with each role that may do it and how far; and where it is asked.
    fn matrix() -> String {
        let mut text = String::new();
        for act in Act::ALL {
            let _ = writeln!(text, "{act} ({})", act.class().as_str());
            for role in roles() {
                let grants = role.grants.iter().filter(|it| it.acts().any(|it| it == *act));
                for grant in grants {
                    let reach = format!("{:?}", grant.reach).to_lowercase();
                    let _ = writeln!(text, "    {}: {reach}", role.code);
                }
            }
        }
        text
    }

    #[test]
    fn who_may_do_what_is_as_it_was_decided() {
        let decided = include_str!("doors.txt");
        assert!(matrix() == decided, "if it is to be decided anew, doors.txt is:\n{}", matrix());
    }

    #[test]
    fn every_act_is_asked_somewhere_and_some_role_has_it() {
        // Asked by the action alone, on pages that several acts share.
        let inside = [
            Act::ReadProtected,
            Act::SubmitFigures,
            Act::CheckFigures,
            Act::ApproveFigures,
            Act::ReopenFigures,
        ];
        for act in Act::ALL {
            let at_a_door = DOORS.iter().any(|(_, _, need)| match need {
                Need::Act(one) => one == act,
                Need::Either(one, other) => one == act || other == act,
                Need::Nothing | Need::SignIn => false,
            });
            assert_ne!(at_a_door, inside.contains(act), "{act}");
            let grants = roles().into_iter().filter(|role| role.code != ADMINISTRATOR);
            let mut grants = grants.flat_map(|role| role.grants);
            assert!(grants.any(|it| it.acts().any(|it| it == *act)), "no role has {act}");
        }
    }

    #[test]
    fn no_door_is_named_twice() {
        let mut seen = BTreeMap::new();
        for (method, path, need) in DOORS {
            assert_eq!(seen.insert((method, path), need), None, "{method} {path}");
        }
    }

    #[test]
    fn what_changes_something_asks_for_an_act_or_for_ones_own_account() {
        let open = DOORS.iter().filter(|(method, _, need)| *method != "GET" && *need == OPEN);
        let open: Vec<&str> = open.map(|(_, path, _)| *path).collect();
        // Signing in and out, citizens with their receipt codes, reading a table of addresses, and
        // watches with their secret links.
        assert_eq!(
            open,
            [
                "/sign-in",
                "/sign-in/code",
                "/sign-in/passkey",
                "/sign-in/passkey/begin",
                "/sign-in/code/passkey",
                "/sign-in/code/passkey/begin",
                "/sign-out",
                "/my-data/new",
                "/my-data/look",
                "/my-data/consents/{purpose}",
                "/my-data/{code}",
                "/my-data/{code}/withdraw",
                "/converter/table",
                "/watch",
                "/watch/confirm/{token}",
                "/watch/{token}",
                "/watch/{token}/end/{watch}",
            ]
        );
    }
}
