//! Made-up agencies, officials, accounts and roles: who may do what in the demonstration.

use access::organisation::{
    AgencyFacts, AgencyId, AgencyKind, Bearer, Context, Manner, NewAgency, NewAssignment,
    NewHolding, NewPerson, NewPost, Places, PostId, Whose, add_post, agencies_on, appoint, assign,
    establish, form_committees, is_empty,
};
use base::rights::Actor;
use base::{Day, DayRange, Result};
use lang::Lang;
use store::Tx;
use territory::{Level, Territory, UnitCode, UnitId};

use super::ACTOR;
use crate::app::App;
use crate::commands::say;

/// The document of everything here.
const DECISION: &str = "01/QĐ-MH (minh họa)";
/// The day on which the communes of today began.
const FROM: &str = "2025-07-01";

/// Somebody who tries the program: the account, the post, and its role.
struct Person {
    account: &'static str,
    name: &'static str,
    title: &'static str,
    leads: bool,
    role: &'static str,
}

/// In the first commune of the province.
const COMMUNE: [Person; 3] = [
    Person {
        account: "chutich-xa",
        name: "Nguyễn Văn Mẫu",
        title: "Chủ tịch UBND",
        leads: true,
        role: "leader-commune",
    },
    Person {
        account: "thongke-xa",
        name: "Trần Thị Mẫu",
        title: "Công chức thống kê",
        leads: false,
        role: "statistics-commune",
    },
    Person {
        account: "motcua-xa",
        name: "Lê Văn Mẫu",
        title: "Công chức Bộ phận Một cửa",
        leads: false,
        role: "commune-one-stop",
    },
];

/// In the departments of the province: agency, its symbol, and who is there.
const DEPARTMENTS: [(&str, &str, Person); 4] = [
    (
        "Văn phòng UBND thành phố (minh họa)",
        "VP",
        Person {
            account: "tonghop",
            name: "Phạm Thị Mẫu",
            title: "Chuyên viên tổng hợp",
            leads: false,
            role: "statistics-province",
        },
    ),
    (
        "Sở Nội vụ (minh họa)",
        "SNV",
        Person {
            account: "tochuc",
            name: "Võ Văn Mẫu",
            title: "Chuyên viên tổ chức",
            leads: false,
            role: "organisation",
        },
    ),
    (
        "Sở Dân tộc và Tôn giáo (minh họa)",
        "SDTTG",
        Person {
            account: "dantoc",
            name: "Thạch Mẫu",
            title: "Chuyên viên công tác dân tộc",
            leads: false,
            role: "protected-figures",
        },
    ),
    (
        "Sở Khoa học và Công nghệ (minh họa)",
        "SKHCN",
        Person {
            account: "dulieu",
            name: "Đặng Thị Mẫu",
            title: "Nhân sự bảo vệ dữ liệu cá nhân",
            leads: false,
            role: "data-officer",
        },
    ),
];

/// Somebody else than who makes accounts says what they may do.
const GIVER: (&str, &str, Person) = (
    "Thanh tra thành phố (minh họa)",
    "TTr",
    Person {
        account: "giaoquyen",
        name: "Huỳnh Văn Mẫu",
        title: "Người giao vai trò",
        leads: false,
        role: "rights",
    },
);

/// Makes them unless any agency is there.
pub(super) async fn make(lang: Lang, app: &App) -> Result<()> {
    let mut tx = app.database().read().await?;
    if !is_empty(&mut tx).await? {
        return Ok(());
    }
    drop(tx);
    let by = Actor::operator(ACTOR);
    let departments = DEPARTMENTS.iter().chain([&GIVER]).map(|(_, _, person)| person);
    let mut passwords = Vec::new();
    for person in COMMUNE.iter().chain(departments) {
        let password = app.access.add_account(by, person.account).await?;
        passwords.push((person, password));
    }
    let mut tx = app.database().write().await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    let cx = Context { clock: app.clock(), actor: by, territory: &territory };
    let from: Day = FROM.parse()?;
    for level in [Level::Province, Level::Commune] {
        form_committees(&mut tx, cx, level, (from, DECISION, true)).await?;
    }
    let committees = agencies_on(&mut tx, from).await?;
    let serving = |unit: UnitId| committees.iter().find(|(_, it)| it.unit == Some(unit));
    if let Some((commune, province)) = commune(&territory, from) {
        if let Some((agency, _)) = serving(commune) {
            for person in &COMMUNE {
                let post = settle(&mut tx, cx, *agency, person).await?;
                give(&mut tx, (app, cx), post, person.role).await?;
            }
        }
        for (name, symbol, person) in DEPARTMENTS.iter().chain([&GIVER]) {
            let facts = AgencyFacts {
                name: (*name).to_owned(),
                short_name: String::new(),
                symbol: (*symbol).to_owned(),
                kind: AgencyKind::Department,
                parent: serving(province).map(|(id, _)| *id),
                unit: Some(province),
            };
            let decision = DECISION.to_owned();
            let new = NewAgency { facts, on: from, decision, made_up: true };
            let agency = establish(&mut tx, cx, new).await?;
            let post = settle(&mut tx, cx, agency, person).await?;
            give(&mut tx, (app, cx), post, person.role).await?;
        }
    }
    tx.commit().await?;
    say(lang::cli::demo_accounts(lang).to_owned());
    for (person, password) in passwords {
        say(format!("  {:<11} {password}   {}", person.account, person.title));
        if app.access.asks_for_enrolment(person.account).await? {
            let code = app.access.draw_enrolment(by, person.account).await?;
            say(format!("  {:<11} {}", "", lang::cli::demo_enrolment(lang, code)));
        }
    }
    Ok(())
}

/// The commune whose officials can be tried, and its province.
pub(super) fn commune(territory: &Territory, on: Day) -> Option<(UnitId, UnitId)> {
    let communes = territory.under(None, on, Level::Commune);
    let is_it = |code: &UnitCode| code.as_str() == "31453";
    let it = communes.iter().find(|it| it.code.as_ref().is_some_and(is_it));
    it.or(communes.first()).and_then(|it| Some((it.unit, it.parent?)))
}

/// A post, and who holds it and signs in.
async fn settle(tx: &mut Tx, cx: Context<'_>, agency: AgencyId, person: &Person) -> Result<PostId> {
    let from: Day = FROM.parse()?;
    let new = NewPost {
        agency,
        title: person.title.to_owned(),
        signs_as: String::new(),
        leads: person.leads,
        rank: if person.leads { 1 } else { 9 },
        places: if person.leads { Places::One } else { Places::Many },
        from,
        decision: DECISION.to_owned(),
        made_up: true,
    };
    let post = add_post(tx, cx, new).await?;
    let whose = Whose::New(NewPerson {
        name: person.name.to_owned(),
        email: format!("{}@example.vn", person.account),
        phone: String::new(),
        account: person.account.to_owned(),
    });
    let new = NewHolding {
        post,
        person: whose,
        manner: Manner::Appointed,
        valid: DayRange { from, to: Day::MAX },
        decision: DECISION.to_owned(),
        made_up: true,
    };
    appoint(tx, cx, new).await?;
    Ok(post)
}

async fn give(tx: &mut Tx, (app, cx): (&App, Context<'_>), post: PostId, role: &str) -> Result<()> {
    let new = NewAssignment {
        role: role.to_owned(),
        bearer: Bearer::Post(post),
        unit: None,
        valid: DayRange { from: FROM.parse()?, to: Day::MAX },
        decision: DECISION.to_owned(),
        made_up: true,
    };
    assign(tx, (cx, app.access.book()), new).await?;
    Ok(())
}
