//! The pages over the real territory with made-up counts, through the router.

mod approvals;
mod campaigns;
mod dashboard;
mod disclosure;
mod explaining;
mod indexes;
mod looks;
mod maps;
mod protection;
mod publishing;
mod reading;
pub(crate) mod targets;
mod work;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use base::rights::{Actor, OPERATOR};
use base::{Clock, Day, Moment};
use packs::{Catalogue, Nature, PackFiles};
use store::testing::TestDatabase;
use territory::{Atlas, Level, Territory, UnitId};
use tower::ServiceExt as _;
use web::{Visitor, layers};

use crate::observations::{Context, NewObservation, Reported, report};
use crate::{Desk, Period, page_routes};

/// "Now" in these tests: quarter II of 2025 is the last one that is over.
pub(crate) const NOW: &str = "2025-09-15T02:00:00Z";
pub(crate) const CSRF: &str = "token-of-the-session";

/// A program with a signed-in account over a database of its own.
pub(crate) struct Program {
    _database: TestDatabase,
    pub(crate) desk: Desk,
    routes: Router,
}

impl Program {
    /// With the territory and the packs, without any count.
    async fn empty() -> Self {
        Self::over(TestDatabase::sqlite().await).await
    }

    /// With the territory and the packs over one of the databases.
    pub(crate) async fn over(database: TestDatabase) -> Self {
        let clock = Clock::fixed(NOW.parse::<Moment>().unwrap());
        let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
        let mut tx = database.write().await.unwrap();
        let files = pack("territory-hau-giang");
        territory::import_lists(&mut tx, &clock, Actor::operator("tester"), &files.files)
            .await
            .unwrap();
        for name in [
            "units-of-count",
            "reporting-calendars",
            "campaign-124",
            "ethnic-affairs",
            "claims-hau-giang",
        ] {
            let known = Catalogue::load(&mut tx).await.unwrap();
            let pack = packs::read(&pack(name), &known).unwrap();
            packs::apply(&mut tx, &clock, "tester", &pack).await.unwrap();
        }
        tx.commit().await.unwrap();
        Self::of(database, desk)
    }

    /// Over a province that is there already.
    pub(crate) fn of(database: TestDatabase, desk: Desk) -> Self {
        let rights = std::sync::Arc::new(OPERATOR.clone());
        let visitor = Visitor { name: "Cán bộ A".to_owned(), csrf: CSRF.to_owned(), rights };
        Self::seen_by(database, desk, Some(visitor))
    }

    /// As somebody sees it who is or is not signed in.
    fn seen_by(database: TestDatabase, desk: Desk, visitor: Option<Visitor>) -> Self {
        let options = layers::Options {
            place: "Hậu Giang".to_owned(),
            clock: desk.clock().clone(),
            timeout: std::time::Duration::from_secs(60),
        };
        let api = crate::api_routes::<Desk>().split_for_parts().0;
        let guard = axum::middleware::from_fn_with_state(desk.clone(), crate::guard_entries);
        let mut routes = page_routes::<Desk>().merge(api).layer(guard);
        if let Some(visitor) = visitor {
            routes = routes.layer(axum::Extension(visitor));
        }
        let routes = layers::around(routes, &options).with_state(desk.clone());
        Self { _database: database, desk, routes }
    }

    /// The same that tells of changes in some way.
    pub(crate) fn telling(self, post: crate::watches::Post) -> Self {
        Self::of(self._database, self.desk.telling(post))
    }

    /// With counts of two quarters for the hamlets of two communes, each its own number.
    pub(crate) async fn filled() -> Self {
        Self::filled_over(TestDatabase::sqlite().await).await
    }

    pub(crate) async fn filled_over(database: TestDatabase) -> Self {
        let program = Self::over(database).await;
        let territory = program.territory().await;
        let mut counts = Vec::new();
        for hamlet in hamlets(&territory) {
            for (code, quarter) in [("2025-Q1", 0), ("2025-Q2", 1)] {
                for (measure, value) in [("households", 300), ("households_with_app", 100)] {
                    let value = value + hamlet.0 % 17 + quarter * 20;
                    counts.push(program.count(hamlet, measure, code, value).await);
                }
                for (measure, value) in [("dossiers", 40), ("dossiers_online", 10)] {
                    counts.push(program.count(hamlet, measure, code, value + hamlet.0 % 7).await);
                }
            }
        }
        program.report(counts).await;
        program
    }

    pub(crate) async fn territory(&self) -> std::sync::Arc<Territory> {
        let mut tx = self.desk.database().read().await.unwrap();
        self.desk.atlas.territory(&mut tx).await.unwrap()
    }

    async fn count(
        &self,
        unit: UnitId,
        measure: &str,
        quarter: &str,
        value: i64,
    ) -> NewObservation {
        let mut tx = self.desk.database().read().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let days = Period::parse(quarter, &[]).unwrap().days;
        let reported = match catalogue.measure(measure).unwrap().definition.nature {
            Nature::Stock => Reported::On(days.last()),
            Nature::Flow => Reported::Within(days),
        };
        NewObservation {
            unit,
            measure: measure.to_owned(),
            reported,
            value,
            source: "Sổ <b>hộ</b> của ấp".to_owned(),
            made_up: true,
            evidence: None,
        }
    }

    pub(crate) async fn report(&self, counts: Vec<NewObservation>) -> Vec<String> {
        let mut tx = self.desk.database().write().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let territory = self.desk.atlas.territory(&mut tx).await.unwrap();
        let (clock, actor) = (self.desk.clock(), "tester");
        let cx = Context {
            clock,
            actor: Actor::operator(actor),
            catalogue: &catalogue,
            territory: &territory,
        };
        let ids = report(&mut tx, cx, counts).await.unwrap();
        tx.commit().await.unwrap();
        ids
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String) {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// The page, which must be there.
    pub(crate) async fn page(&self, path: &str) -> String {
        let (status, text) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        text
    }

    /// The answer as it comes, with its head.
    pub(crate) async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        self.routes.clone().oneshot(request).await.unwrap()
    }

    /// The status of an answer, and what it told that it shows.
    async fn told(&self, path: &str) -> (StatusCode, Vec<web::looks::Shown>) {
        let ((status, _), shown) = web::looks::listen(self.get(path)).await;
        (status, shown)
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response.headers().get(header::LOCATION).cloned();
        if let Some(location) = location {
            return (status, location.to_str().unwrap().to_owned());
        }
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    /// With one more pack.
    pub(crate) async fn apply(&self, files: &PackFiles) {
        let mut tx = self.desk.database().write().await.unwrap();
        let known = Catalogue::load(&mut tx).await.unwrap();
        let pack = packs::read(files, &known).unwrap();
        packs::apply(&mut tx, self.desk.clock(), "tester", &pack).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The bytes of an answer, which must be there.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()
    }

    /// Sends JSON; gives status and answer.
    pub(crate) async fn post_json(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> (StatusCode, serde_json::Value) {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let response = self.routes.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> (StatusCode, String) {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.unwrap()).await
    }

    /// Sends a form with a file, if one is given.
    async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> (StatusCode, String) {
        let file = file.map(|(name, content)| (name, "tệp.csv", content));
        self.upload_named(path, fields, file).await
    }

    /// Like [`Self::upload`], with the field, the name and the content of the file.
    async fn upload_named(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &str, &[u8])>,
    ) -> (StatusCode, String) {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        if let Some((name, file, content)) = file {
            let head = format!(
                "--xx\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: text/csv\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--xx--\r\n");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }
}

pub(crate) fn pack(name: &str) -> PackFiles {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs").join(name);
    PackFiles::from_folder(&folder).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// The hamlets of today's Xã Vị Thủy (31441) and Xã Hòa An.
pub(crate) fn hamlets(territory: &Territory) -> Vec<UnitId> {
    let on = day("2025-07-01");
    let within = |code: &str| {
        let commune = territory.by_code(code, on).unwrap().unit;
        let hamlets = territory.under(Some(commune), on, Level::Hamlet);
        hamlets.into_iter().map(|version| version.unit).collect::<Vec<_>>()
    };
    let hoa_an = territory.search("Xã Hòa An", Some(on), 1)[0].version;
    let hoa_an = hoa_an.code.as_ref().unwrap().as_str().to_owned();
    [within("31441"), within(&hoa_an)].concat()
}
