//! The pages: what is masked, what is recorded before it is shown, and that nobody's box is ticked.

use axum::Router;
use axum::body::Body;
use axum::extract::FromRef;
use axum::http::{Request, StatusCode, header};
use base::Clock;
use base::rights::{Act, Rights, Scope};
use store::values;
use tower::ServiceExt as _;
use web::ask::Asker;
use web::layers::{self, Options};
use web::looks::Shown;
use web::{Visitor, ask};

use crate::Office;
use crate::requests::StepKind;
use crate::testing::{Desk, MONDAY, NAME, NUMBER, PHONE};

#[derive(Clone)]
struct App(Office);

impl FromRef<App> for Office {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

/// Somebody at the pages; with an account or without.
struct Reader {
    routes: Router,
    visitor: Option<Visitor>,
    address: &'static str,
}

impl Reader {
    fn new(desk: &Desk, visitor: Option<Visitor>) -> Self {
        let options = Options {
            place: "Hậu Giang".to_owned(),
            clock: Clock::fixed(MONDAY.parse().unwrap()),
            timeout: std::time::Duration::from_secs(60),
        };
        let routes =
            layers::around(super::routes::<App>(), &options).with_state(App(desk.office()));
        Self { routes, visitor, address: "192.0.2.1" }
    }

    fn officer(desk: &Desk) -> Self {
        let visitor = Visitor {
            name: "an".to_owned(),
            csrf: "token".to_owned(),
            rights: base::rights::OPERATOR.clone().into(),
        };
        Self::new(desk, Some(visitor))
    }

    /// An officer of some desks alone.
    fn at(desk: &Desk, units: &[i64]) -> Self {
        let mut rights = Rights::NONE;
        for act in [Act::ReceiveRequests, Act::RecordConsents] {
            let units = units.iter().copied().collect();
            rights.grant(act, Scope { units, ..Scope::default() });
        }
        let (name, csrf) = ("binh".to_owned(), "token".to_owned());
        Self::new(desk, Some(Visitor { name, csrf, rights: rights.into() }))
    }

    fn stranger(desk: &Desk) -> Self {
        Self::new(desk, None)
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, String, String) {
        self.told(request).await.0
    }

    /// The answer, and what it told that it shows.
    async fn told(&self, request: Request<Body>) -> ((StatusCode, String, String), Vec<Shown>) {
        web::looks::listen(self.answer(request)).await
    }

    async fn answer(&self, request: Request<Body>) -> (StatusCode, String, String) {
        let mut request = request;
        if let Some(visitor) = &self.visitor {
            request.extensions_mut().insert(visitor.clone());
        }
        request.extensions_mut().insert(Asker { address: self.address.into() });
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let place = response.headers().get(header::LOCATION);
        let place = place.map_or(String::new(), |place| place.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, place, String::from_utf8(bytes.to_vec()).unwrap())
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        let (status, _, text) = self.ask(Request::get(path).body(Body::empty()).unwrap()).await;
        (status, text)
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
        let pair = |(name, value): &(&str, &str)| {
            format!("{}={}", ask::encoded(name), ask::encoded(value))
        };
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&");
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        self.ask(request).await
    }
}

fn hidden(text: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    text.split_once(&begin).unwrap().1.split_once('"').unwrap().0.to_owned()
}

fn receipt(text: &str) -> String {
    let code = text.split("<strong>").find_map(|part| {
        let code = part.split('<').next()?;
        crate::Receipt::read(code).map(|_| code.to_owned())
    });
    code.unwrap_or_else(|| panic!("no code in {text}"))
}

const PERSON: [(&str, &str); 4] =
    [("name", NAME), ("number", NUMBER), ("phone", PHONE), ("address", "Ấp Minh Họa")];

/// Sends a request as a stranger; gives the code.
async fn send(stranger: &Reader) -> String {
    let (_, form) = stranger.get("/my-data/new").await;
    let once = hidden(&form, "once");
    let fields = [("once", once.as_str()), ("kind", "erase"), ("text", "Xin xóa số cũ của tôi")];
    let fields: Vec<_> = fields.into_iter().chain(PERSON).collect();
    let (status, _, page) = stranger.post("/my-data/new", &fields).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let (status, _, page_again) = stranger.post("/my-data/new", &fields).await;
    assert_eq!(status, StatusCode::CONFLICT, "{page_again}");
    receipt(&page)
}

#[tokio::test]
async fn somebody_without_an_account_asks_and_follows_their_own_request_alone() {
    for desk in Desk::each().await {
        let stranger = Reader::stranger(&desk);
        let code = send(&stranger).await;
        let (status, page) = stranger.get(&format!("/my-data/{code}")).await;
        assert!(status == StatusCode::OK && !page.contains("1/2026"), "{page}");
        let look = async |digits: &str| {
            stranger
                .post("/my-data/look", &[("code", &code.to_lowercase()), ("digits", digits)])
                .await
        };
        let (status, _, page) = look("9999").await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && !page.contains("1/2026"), "{page}");
        let (status, _, page) = look("1234").await;
        assert!(status == StatusCode::OK && page.contains("1/2026"), "{page}");
        for told in [NAME, NUMBER, PHONE, "Minh Họa", "số cũ", "093*"] {
            assert!(!page.contains(told), "{told} in {page}");
        }
        // Whoever guesses the signs with a known code is stopped, even when they are right at last,
        // and wherever they ask from.
        for _ in 0..5 {
            look("0000").await;
        }
        let routes = stranger.routes.clone();
        let elsewhere = Reader { routes, visitor: None, address: "192.0.2.77" };
        let right = [("code", code.as_str()), ("digits", "1234")];
        let (status, _, page) = elsewhere.post("/my-data/look", &right).await;
        assert!(status == StatusCode::CONFLICT && !page.contains("1/2026"), "{page}");
        let (status, _) = stranger.get("/tasks/personal-data").await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn an_officer_sees_masks_until_they_say_for_what_and_that_is_recorded() {
    for desk in Desk::each().await {
        send(&Reader::stranger(&desk)).await;
        let officer = Reader::officer(&desk);
        let (_, list) = officer.get("/tasks/personal-data").await;
        let path =
            list.split("href=\"").find(|part| part.starts_with("/tasks/personal-data/requests/0"));
        let path = path.unwrap().split('"').next().unwrap().to_owned();
        let is_shut = |page: &str| {
            for told in [NAME, NUMBER, PHONE, "Minh Họa", "số cũ của tôi"] {
                assert!(!page.contains(told), "{told} in {page}");
            }
        };
        is_shut(&list);
        let (_, page) = officer.get(&path).await;
        is_shut(&page);
        assert!(page.contains("093*****1234") && page.contains("T*** T*** B*** M***"), "{page}");
        let readings = async || {
            let mut tx = desk.database().read().await.unwrap();
            let sql = "select count(*) from read_words";
            tx.one::<(i64,)>(sql, values![]).await.unwrap().0
        };
        for fields in [
            &[("csrf", "token"), ("purpose", ""), ("words", "gọi điện")][..],
            &[("csrf", "token"), ("purpose", "contact"), ("words", " ")],
            &[("csrf", "other"), ("purpose", "contact"), ("words", "gọi điện")],
        ] {
            let (status, _, page) = officer.post(&path, fields).await;
            assert!(status.is_client_error(), "{fields:?}");
            is_shut(&page);
            assert_eq!(readings().await, 0);
        }
        let fields = [("csrf", "token"), ("purpose", "contact"), ("words", "gọi điện báo kết quả")];
        let (status, _, page) = officer.post(&path, &fields).await;
        assert_eq!(status, StatusCode::OK);
        for told in [NAME, NUMBER, PHONE, "Minh Họa", "số cũ của tôi"] {
            assert!(page.contains(told), "{told} in {page}");
        }
        assert_eq!(readings().await, 1);
        // The next look asks again.
        is_shut(&officer.get(&path).await.1);
        // What was said lies in the vault alone.
        let mut tx = desk.database().read().await.unwrap();
        let filter = access::trace::Filter::default();
        let looks = access::trace::list(&mut tx, &filter, None, 10).await.unwrap().items;
        let look = &looks[0];
        let said = (&*look.record_kind, &*look.purpose, &*look.words, look.subjects.len());
        assert_eq!(said, ("subject_request", "contact", "", 0), "subjects are read apart");
        assert!(path.ends_with(&look.record));
        assert_eq!(
            access::trace::verify(&mut tx, Some(&desk.vault)).await.unwrap().faults.len(),
            0
        );
    }
}

#[tokio::test]
async fn where_the_reading_cannot_be_recorded_nothing_is_shown() {
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let id = desk.receive(&mut tx, "copy").await.request.id;
        tx.run("drop table read_words", values![]).await.unwrap();
        tx.commit().await.unwrap();
        let officer = Reader::officer(&desk);
        let path = format!("/tasks/personal-data/requests/{id}");
        let fields = [("csrf", "token"), ("purpose", "contact"), ("words", "gọi điện")];
        let (status, _, page) = officer.post(&path, &fields).await;
        assert!(status.is_server_error() && !page.contains(NUMBER), "{status} {page}");
    }
}

#[tokio::test]
async fn no_form_agrees_for_anybody_and_withdrawing_takes_the_code_alone() {
    for desk in Desk::each().await {
        let (stranger, officer) = (Reader::stranger(&desk), Reader::officer(&desk));
        for (reader, path) in [
            (&stranger, "/my-data/consents/notices"),
            (&officer, "/tasks/personal-data/consents/new/notices"),
        ] {
            let (_, form) = reader.get(path).await;
            let is_free = |page: &str| {
                let input =
                    page.split("<input").find(|part| part.contains("name=\"agreed\"")).unwrap();
                assert!(!input.split('>').next().unwrap().contains("checked"), "{input}");
            };
            is_free(&form);
            let once = hidden(&form, "once");
            let fields = |agreed: &'static str, name: &'static str| {
                let first = [("csrf", "token"), ("text_version", "1"), ("agreed", agreed)];
                let mut fields: Vec<(&str, &str)> = first.into_iter().chain(PERSON).collect();
                fields.push(("once", &once));
                fields.retain(|(field, _)| *field != "name");
                fields.push(("name", name));
                fields
            };
            // What somebody ticked is not ticked for them once more, nor does silence agree.
            let (status, _, page) = reader.post(path, &fields("yes", "")).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            is_free(&page);
            let (status, _, page) = reader.post(path, &fields("", NAME)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            is_free(&page);
            let (status, _, page) = reader.post(path, &fields("yes", NAME)).await;
            assert_eq!(status, StatusCode::OK, "{page}");
            let code = receipt(&page);
            let withdraw = format!("/my-data/{code}/withdraw");
            let (status, _, _) = stranger.post(&withdraw, &[("digits", "4321")]).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            let (status, _, page) = stranger.post(&withdraw, &[("digits", "1234")]).await;
            let over = lang::consents::state_withdrawn(lang::Lang::Vietnamese);
            assert!(status == StatusCode::OK && page.contains(over), "{page}");
            assert!(!page.contains("/withdraw\""), "it is over");
        }
    }
}

#[tokio::test]
async fn a_request_goes_its_way_through_the_pages() {
    for desk in Desk::each().await {
        let mut tx = desk.database().write().await.unwrap();
        let id = desk.receive(&mut tx, "view-correct").await.request.id;
        tx.commit().await.unwrap();
        let officer = Reader::officer(&desk);
        let path = format!("/tasks/personal-data/requests/{id}");
        let decide = format!("{path}/do/decide");
        let (status, form) = officer.get(&decide).await;
        assert_eq!(status, StatusCode::OK);
        let seen = hidden(&form, "seen");
        let fields = [
            ("csrf", "token"),
            ("seen", &*seen),
            ("outcome", "refused"),
            ("words", "Không đủ căn cứ"),
        ];
        let (status, _, page) = officer.post(&decide, &fields).await;
        assert!(
            status == StatusCode::UNPROCESSABLE_ENTITY && page.contains("field-law-error"),
            "{page}"
        );
        for (step, more) in [
            (StepKind::Identify, ("how", "card")),
            (StepKind::Answer, ("words", "Đã nhận")),
            (StepKind::Extend, ("words", "Nhiều nơi giữ dữ liệu")),
            (StepKind::Decide, ("outcome", "granted")),
            (StepKind::Close, ("words", "Đã trả tại quầy")),
        ] {
            let at = format!("{path}/do/{}", step.as_str());
            let (_, form) = officer.get(&at).await;
            let seen = hidden(&form, "seen");
            let fields = [("csrf", "token"), ("seen", &*seen), ("words", "Lý do"), more];
            let fields: Vec<_> = match more.0 {
                "words" => fields.into_iter().filter(|it| *it != ("words", "Lý do")).collect(),
                _ => fields.to_vec(),
            };
            let (status, place, page) = officer.post(&at, &fields).await;
            assert_eq!(
                (status, place),
                (StatusCode::SEE_OTHER, format!("{path}?done=yes")),
                "{page}"
            );
        }
        let (_, page) = officer.get("/tasks/personal-data?state=closed").await;
        assert!(page.contains("1/2026"), "{page}");
        let (status, _) = officer.get(&format!("{path}/do/answer")).await;
        assert_eq!(status, StatusCode::CONFLICT);
        for missing in ["x", "0", "do"] {
            let (status, _) =
                officer.get(&format!("/tasks/personal-data/requests/{missing}")).await;
            assert_eq!(status, StatusCode::NOT_FOUND);
        }
    }
}

#[tokio::test]
async fn a_copy_holds_all_that_is_held_of_a_number_and_leaves_a_trace() {
    for desk in Desk::each().await {
        send(&Reader::stranger(&desk)).await;
        let officer = Reader::officer(&desk);
        for (format, is_held) in [("json", "\"subjects.request\""), ("html", "<dl>")] {
            let fields = [
                ("csrf", "token"),
                ("number", "093 905 001 234"),
                ("purpose", "handle-request"),
                ("words", "bản sao theo yêu cầu"),
                ("format", format),
            ];
            let (status, _, file) = officer.post("/tasks/personal-data/copy", &fields).await;
            assert_eq!(status, StatusCode::OK, "{file}");
            for held in [is_held, NAME, NUMBER, PHONE, "Xin xóa số cũ của tôi"] {
                assert!(file.contains(held), "{held} in {file}");
            }
        }
        let mut tx = desk.database().read().await.unwrap();
        // One look each, at the record and by the number, which does not stand there.
        let sql = "select s.subject from read_subjects s join reads r on r.id = s.read \
                   where r.record_kind = 'subject_search' order by 1";
        let told: Vec<(String,)> = tx.all(sql, values![]).await.unwrap();
        let by_number = crate::trace::subject_of(&crate::locker::person(&desk.vault, NUMBER));
        let count = |which: &dyn Fn(&str) -> bool| told.iter().filter(|(it,)| which(it)).count();
        assert_eq!(
            (told.len(), count(&|it| it == by_number), count(&|it| it.contains(NUMBER))),
            (4, 2, 0)
        );
    }
}

#[tokio::test]
async fn a_place_that_sends_too_much_waits() {
    for desk in Desk::each().await {
        let stranger = Reader::stranger(&desk);
        for _ in 0..5 {
            let (status, _, _) = stranger.post("/my-data/new", &[("once", "x")]).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let (status, _, page) = stranger.post("/my-data/new", &[("once", "x")]).await;
        assert_eq!(status, StatusCode::CONFLICT, "{page}");
        // Whoever looks something up, or agrees to something, has not sent too much yet.
        for path in ["/my-data/look", "/my-data/consents/notices"] {
            let (status, _, page) = stranger.post(path, &[("once", "x")]).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {page}");
        }
    }
}

#[tokio::test]
async fn what_is_masked_leaves_a_trace_too_and_its_owner_sees_who_looked_without_names() {
    for desk in Desk::each().await {
        let stranger = Reader::stranger(&desk);
        let code = send(&stranger).await;
        let officer = Reader::officer(&desk);
        let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
        let ((_, _, list), shown) = officer.told(get("/tasks/personal-data")).await;
        let told = |shown: &[Shown]| {
            let told = shown.iter().map(|it| (it.act, it.kind, it.record.clone(), it.count));
            told.collect::<Vec<_>>()
        };
        let of_list = (Act::ReceiveRequests, "subject_requests", String::new(), 1);
        assert_eq!(told(&shown), [of_list]);
        let path =
            list.split("href=\"").find(|part| part.starts_with("/tasks/personal-data/requests/0"));
        let path = path.unwrap().split('"').next().unwrap().to_owned();
        let id = path.rsplit('/').next().unwrap().to_owned();
        let (_, shown) = officer.told(get(&path)).await;
        assert_eq!(told(&shown), [(Act::ReceiveRequests, "subject_request", id.clone(), 1)]);
        assert_eq!(shown[0].subjects, [id]);
        let (_, shown) = officer.told(get("/tasks/personal-data/consents")).await;
        assert_eq!(told(&shown), [(Act::RecordConsents, "subject_consents", String::new(), 0)]);
        // A consent, too; and nobody is told of a citizen's own look.
        let (_, shown) = stranger.told(get(&format!("/my-data/{code}"))).await;
        assert_eq!(shown, []);

        let fields = [("csrf", "token"), ("purpose", "complaint"), ("words", "gọi điện hỏi thêm")];
        officer.post(&path, &fields).await;
        let digits = [("code", code.as_str()), ("digits", "1234")];
        let (_, _, page) = stranger.post("/my-data/look", &digits).await;
        let vi = lang::Lang::Vietnamese;
        let purpose = desk.definitions.reading_purposes.iter().find(|it| it.code == "complaint");
        for part in [
            lang::my_data::looks_title(vi),
            lang::my_data::look_from_unknown(vi),
            purpose.unwrap().name.say(vi),
            lang::rights::class_sensitive(vi),
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains(">an<") && !page.contains("gọi điện"), "{page}");
    }
}

/// The other request of the same person is another desk's: the page of one does not name it. What would
/// be refused is not offered.
async fn offers_what_is_allowed_alone((counter, all): (&Reader, &Reader), ids: &[String]) {
    let one = format!("/tasks/personal-data/requests/{}", ids[0]);
    let (_, page) = counter.get(&one).await;
    assert!(!page.contains(&ids[1]) && page.contains("/do/answer"), "{page}");
    for (path, more) in [
        (one.as_str(), "/do/decide"),
        (one.as_str(), lang::subjects::reveal_lead(lang::Lang::Vietnamese)),
        ("/tasks/personal-data", "/tasks/personal-data/retention"),
        ("/tasks/personal-data", "/tasks/personal-data/copy"),
    ] {
        assert!(!counter.get(path).await.1.contains(more), "{path}: {more}");
        assert!(all.get(path).await.1.contains(more), "{path}: {more}");
    }
}

#[tokio::test]
async fn a_desk_has_its_own_requests_alone_and_hands_them_on_with_an_entry() {
    for desk in Desk::each().await {
        let mut ids = Vec::new();
        let mut tx = desk.database().write().await.unwrap();
        for unit in [Some(7), Some(8), None] {
            let mut new = desk.new_request("erase");
            new.desk = unit.map(territory::UnitId);
            let received = crate::requests::receive(&mut tx, desk.cx(), new).await.unwrap();
            ids.push(received.request.id);
        }
        tx.commit().await.unwrap();
        let (seven, both, all) =
            (Reader::at(&desk, &[7]), Reader::at(&desk, &[7, 8]), Reader::officer(&desk));
        for (reader, sees) in [
            (&seven, [true, false, false]),
            (&both, [true, true, false]),
            (&all, [true, true, true]),
        ] {
            let (_, list) = reader.get("/tasks/personal-data").await;
            for (id, sees) in ids.iter().zip(sees) {
                assert_eq!(list.contains(id.as_str()), sees, "{list}");
                let path = format!("/tasks/personal-data/requests/{id}");
                let step = format!("{path}/do/answer");
                for path in [path, step] {
                    let status = reader.get(&path).await.0;
                    let expected = if sees { StatusCode::OK } else { StatusCode::FORBIDDEN };
                    assert_eq!(status, expected, "{path}");
                }
            }
        }
        offers_what_is_allowed_alone((&seven, &all), &ids).await;
        let forward = format!("/tasks/personal-data/requests/{}/do/forward", ids[0]);
        let fields = |seen: &'static str, to: &'static str| {
            [("csrf", "token"), ("seen", seen), ("desk", to), ("words", "Thuộc nơi khác")]
        };
        for (reader, to, expected) in [
            (&seven, "999", StatusCode::UNPROCESSABLE_ENTITY),
            (&Reader::at(&desk, &[8]), "province", StatusCode::FORBIDDEN),
        ] {
            let (status, _, page) = reader.post(&forward, &fields("1", to)).await;
            assert_eq!(status, expected, "{page}");
        }
        let (status, place, page) = seven.post(&forward, &fields("1", "province")).await;
        let led = (status, place.as_str());
        assert_eq!(led, (StatusCode::SEE_OTHER, "/tasks/personal-data"), "{page}");
        assert_eq!(seven.get(&forward).await.0, StatusCode::FORBIDDEN);
        let (_, page) = all.get(&format!("/tasks/personal-data/requests/{}", ids[0])).await;
        assert!(page.contains(lang::subjects::step_forward(lang::Lang::Vietnamese)), "{page}");
        // To where it is already it is not handed on.
        let (status, _, page) = all.post(&forward, &fields("2", "province")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{page}");
        // A counter takes requests for its own desk alone.
        let (_, form) = seven.get("/tasks/personal-data/requests/new").await;
        let once = hidden(&form, "once");
        let new = [("csrf", "token"), ("once", &*once), ("kind", "erase"), ("text", "Xin xóa")];
        let fields: Vec<_> = new.into_iter().chain(PERSON).collect();
        let (status, _, page) = seven.post("/tasks/personal-data/requests/new", &fields).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{page}");
        let mut tx = desk.database().read().await.unwrap();
        let verified = crate::verify(&mut tx, Some(&desk.vault)).await.unwrap();
        assert_eq!(verified, (4, Vec::new()));
        let sql = "select count(*) from entries where cause = 'subjects.forward'";
        assert_eq!(tx.one::<(i64,)>(sql, values![]).await.unwrap(), (1,));
    }
}
