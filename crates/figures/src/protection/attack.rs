//! An attacker who asks for everything that is public, on every map and for every period, and
//! computes with it by linear programming: what may be as low and as high as it will.
//!
//! The attacker knows more than anybody would: which units reported what when, that parts are not
//! larger than their wholes, and all that is not protected.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::rights::Actor;
use base::{Clock, Day, Moment, Result};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOutcome, Variable};
use packs::{Catalogue, PackFiles};
use store::testing::TestDatabase;
use territory::{Atlas, BasisMap, Level, UnitId};

use crate::answer::{Contribution, Loaded, nature};
use crate::observations::{Context, Correction, NewObservation, Reported, correct, report};
use crate::{Desk, Figure, Period, Question, Sight, ask};

/// Two districts with four communes of four hamlets each. On 01/07/2025 the districts end; Một, Hai
/// and a hamlet of Ba become Mới, what is left of Ba and Bốn become Ba; in Bốn two hamlets become
/// one and one is divided.
fn lists() -> BTreeMap<String, Vec<u8>> {
    let columns = "code,name,full_name,type,parent_code\n";
    let head = "old_code,new_code,whole_or_part,resolution,effective_date\n";
    let mut before = "98,Minh Họa,Tỉnh Minh Họa,tinh,\n980,Đông,Huyện Đông,huyen,98\n\
                      981,Tây,Huyện Tây,huyen,98\n98001,Một,Xã Một,xa,980\n\
                      98002,Hai,Xã Hai,xa,980\n98003,Ba,Xã Ba,xa,981\n98004,Bốn,Xã Bốn,xa,981\n"
        .to_owned();
    for commune in 1..=4 {
        for hamlet in 1..=4 {
            let code = format!("9800{commune}0{hamlet}");
            before += &format!("{code},{hamlet},Ấp {hamlet},ap,9800{commune}\n");
        }
    }
    let codes = before.lines().filter_map(|line| line.split(',').next());
    let founded: String = codes.map(|code| format!(",{code},whole,1/MH,2024-01-01\n")).collect();
    let mut after = "98001,Mới,Xã Mới,xa,98\n98003,Ba,Xã Ba,xa,98\n".to_owned();
    let mut merged = "98001,98001,whole,2/MH,2025-07-01\n98002,98001,whole,2/MH,2025-07-01\n\
                      98003,98001,1/4,2/MH,2025-07-01\n98003,98003,3/4,2/MH,2025-07-01\n\
                      98004,98003,whole,2/MH,2025-07-01\n980,,whole,2/MH,2025-07-01\n\
                      981,,whole,2/MH,2025-07-01\n"
        .to_owned();
    for hamlet in 1..=4 {
        let to = if hamlet == 1 { 98001 } else { 98003 };
        after += &format!("980030{hamlet},{hamlet},Ấp {hamlet},ap,{to}\n");
        merged += &format!("980030{hamlet},980030{hamlet},whole,2/MH,2025-07-01\n");
    }
    for (hamlet, from) in [(2, &["2:1/2"][..]), (3, &["3:whole", "4:whole"]), (5, &["2:1/2"])] {
        after += &format!("980040{hamlet},{hamlet},Ấp {hamlet},ap,98003\n");
        for from in from {
            let (from, part) = from.split_once(':').unwrap();
            merged += &format!("980040{from},980040{hamlet},{part},2/MH,2025-07-01\n");
        }
    }
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    BTreeMap::from([
        file("units_synthetic_2024.csv", format!("{columns}{before}")),
        file("changes_synthetic_2024.csv", format!("{head}{founded}")),
        file("units_synthetic_2025.csv", format!("{columns}{after}")),
        file("changes_synthetic_2025.csv", format!("{head}{merged}")),
    ])
}

/// (code, threshold, sum of).
const MEASURES: [(&str, bool, &[&str]); 5] = [
    ("people", false, &[]),
    ("minority", true, &["khmer", "hoa"]),
    ("khmer", true, &[]),
    ("hoa", true, &[]),
    ("poor", true, &[]),
];
/// (code, numerator, denominator).
const INDICATORS: [(&str, &str, Option<&str>); 6] = [
    ("people", "people", None),
    ("minority", "minority", None),
    ("khmer", "khmer", None),
    ("hoa", "hoa", None),
    ("minority-share", "minority", Some("people")),
    ("poor-share", "poor", Some("minority")),
];
const DAYS: [&str; 4] = ["2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31"];
const MAPS: [&str; 2] = ["2025-06-30", "2026-01-10"];

fn pack(level: &str) -> PackFiles {
    let mut measures = String::new();
    for (code, is_protected, sum_of) in MEASURES {
        measures += &format!(
            "[[measures]]\ncode = \"{code}\"\nname = {{ vi = \"x\" }}\ndefinition = {{ vi = \"x\" }}\n\
             counted = \"person\"\nnature = \"stock\"\nsum_of = {sum_of:?}\n"
        );
        if is_protected {
            measures += "protected = true\n";
        }
    }
    let mut indicators = String::new();
    for (code, above, below) in INDICATORS {
        indicators += &format!(
            "[[indicators]]\ncode = \"{code}\"\nname = {{ vi = \"x\" }}\ndefinition = {{ vi = \"x\" }}\n\
             numerator = \"{above}\"\ndecimals = 0\ndirection = \"none\"\ndocument = {{ vi = \"x\" }}\n\
             reported_by = \"{level}\"\n"
        );
        if let Some(below) = below {
            indicators += &format!("denominator = \"{below}\"\n");
        }
    }
    let header = "name = \"t\"\nversion = \"1\"\ntitle = { vi = \"Minh họa\" }\n".to_owned();
    let counts = "[[counts]]\ncode = \"person\"\nname = { vi = \"người\" }\n".to_owned();
    let files = [
        ("pack.toml", header),
        ("counts.toml", counts),
        ("measures.toml", measures),
        ("indicators.toml", indicators),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes()));
    PackFiles { folder: "t".to_owned(), files: files.into_iter().collect() }
}

/// The same numbers at every run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most.unsigned_abs().max(1)).cast_signed()
    }

    fn is(&mut self, percent: i64) -> bool {
        self.below(100) < percent
    }
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A number that somebody reported: measure, unit, day.
type Key = (&'static str, UnitId, Day);

struct World {
    _database: TestDatabase,
    desk: Desk,
    said: BTreeMap<Key, i64>,
    /// How many in a hundred units have few people of minorities.
    few: i64,
    /// How many of them others have at most.
    most: i64,
    /// How many in a hundred units report nothing.
    silent: i64,
}

impl World {
    async fn of(seed: u64, level: Level) -> Self {
        let database = TestDatabase::sqlite().await;
        let clock = Clock::fixed("2026-01-15T02:00:00Z".parse::<Moment>().unwrap());
        let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
        let mut tx = database.write().await.unwrap();
        territory::import_lists(&mut tx, &clock, Actor::operator("t"), &lists()).await.unwrap();
        let pack = packs::read(&pack(level.as_str()), &Catalogue::default()).unwrap();
        packs::apply(&mut tx, &clock, "t", &pack).await.unwrap();
        tx.commit().await.unwrap();
        let mut dice = Dice(seed);
        let (few, most, silent) = (dice.below(60), 20 + dice.below(400), dice.below(20));
        let said = BTreeMap::new();
        let mut world = Self { _database: database, desk, said, few, most, silent };
        for on in DAYS.map(day) {
            world.report(&mut dice, level, on).await.unwrap();
        }
        world
    }

    /// Some units report, some say the same as before, some nothing.
    async fn report(&mut self, dice: &mut Dice, level: Level, on: Day) -> Result<()> {
        let mut work = self.desk.begin().await?;
        let units: Vec<UnitId> =
            work.territory.under(None, on, level).iter().map(|it| it.unit).collect();
        let mut counts = Vec::new();
        for unit in units {
            let most = if dice.is(self.few) { 9 } else { self.most };
            let minority = dice.below(most);
            let khmer = dice.below(minority + 1);
            let hoa = if dice.is(70) { minority - khmer } else { dice.below(minority - khmer + 1) };
            let poor = if dice.is(20) { minority } else { dice.below(minority + 1) };
            let people = if dice.is(15) { minority } else { minority + dice.below(60) };
            if dice.is(self.silent) {
                continue;
            }
            let values = [
                ("people", people),
                ("minority", minority),
                ("khmer", khmer),
                ("hoa", hoa),
                ("poor", poor),
            ];
            for (measure, value) in values {
                if !dice.is(self.silent / 3) {
                    self.said.insert((measure, unit, on), value);
                    counts.push(NewObservation {
                        unit,
                        measure: measure.to_owned(),
                        reported: Reported::On(on),
                        value,
                        source: "minh họa".to_owned(),
                        made_up: true,
                        evidence: None,
                    });
                }
            }
        }
        let (tx, cx): (_, Context<'_>) = work.by(&self.desk, Actor::operator("t"));
        report(tx, cx, counts).await?;
        work.tx.commit().await
    }

    /// The number of a unit that holds on a day.
    fn held(&self, measure: &'static str, unit: UnitId, on: Day) -> Option<Key> {
        let keys = self.said.range((measure, unit, Day::MIN)..=(measure, unit, on));
        keys.last().map(|(key, _)| *key)
    }
}

/// What numbers sum up to, with the shares of divided ones.
type Terms = BTreeMap<Key, f64>;

/// What is shown of one part of a figure.
#[derive(Debug)]
struct Cell {
    about: String,
    terms: Terms,
    /// So many shares were rounded.
    rounded: usize,
    truth: i64,
    shown: Option<i64>,
}

/// What the parts of each unit's figure sum up, and how many shares in them were rounded.
fn sums(
    world: &World,
    all: &[Contribution],
    basis: &BasisMap,
    (above, below): (&'static str, Option<&'static str>),
    last: Day,
) -> HashMap<UnitId, (Terms, Terms, usize)> {
    let mut sums = HashMap::<UnitId, (Terms, Terms, usize)>::new();
    for given in all {
        let landings = basis.landings(given.lies_on);
        let key = |measure| world.held(measure, given.reporter, last).unwrap();
        let of = |measure, part: i64| match world.said[&key(measure)] {
            whole if given.divided && whole != 0 => part as f64 / whole as f64,
            _ => 1.0,
        };
        let upper = of(above, given.parts.0);
        let lower = below.map(|below| (key(below), of(below, given.parts.1)));
        for landing in landings {
            let share = landing.share;
            let share = share.numerator as f64 / share.denominator as f64;
            let chain = std::iter::once(&landing.unit);
            for unit in chain.chain(basis.ancestors(landing.unit)) {
                let sum = sums.entry(*unit).or_default();
                *sum.0.entry(key(above)).or_default() += share * upper;
                if let Some((key, lower)) = lower {
                    *sum.1.entry(key).or_default() += share * lower;
                }
                sum.2 += usize::from(landings.len() > 1 || given.divided);
            }
        }
    }
    sums
}

/// Everything that somebody without the right can ask for.
async fn ask_everything(world: &World) -> Vec<Cell> {
    let mut tx = world.desk.database().read().await.unwrap();
    let catalogue = world.desk.catalogue(&mut tx).await.unwrap();
    let mut cells = Vec::new();
    for (code, above, below) in INDICATORS {
        let indicator = catalogue.indicator(code).unwrap();
        assert_eq!(nature(&catalogue, indicator), packs::Nature::Stock);
        for map in MAPS.map(day) {
            let periods: Vec<Period> =
                DAYS.iter().map(|day| Period::parse(day, &[]).unwrap()).collect();
            let question = |sight| Question {
                indicator: code.to_owned(),
                periods: periods.clone(),
                map,
                known: None,
                sight,
            };
            let full = question(Sight::Full);
            let truth = ask(&mut tx, &world.desk.atlas, &catalogue, &full).await.unwrap();
            let public = question(Sight::Public);
            let shown = ask(&mut tx, &world.desk.atlas, &catalogue, &public).await.unwrap();
            let (territory, basis) = world.desk.atlas.map(&mut tx, map).await.unwrap();
            let loaded = Loaded::new(&mut tx, &catalogue, indicator, &full).await.unwrap();
            for (at, period) in periods.iter().enumerate() {
                let last = period.days.last();
                let all = loaded.sheet(at, period, &territory).contributions(map);
                let sums = sums(world, &all, &basis, (above, below), last);
                for (unit, (upper, lower, rounded)) in sums {
                    let (truth, shown) = (truth.get(unit, at), shown.get(unit, at));
                    let about = |part: &str| {
                        let name = territory.full_name(unit, map);
                        format!("{part} of {name} ({unit}) on {last}, map of {map}")
                    };
                    assert_eq!(shown.hidden, shown.numerator.is_none(), "{}", about(code));
                    cells.push(Cell {
                        about: about(above),
                        terms: upper,
                        rounded,
                        truth: truth.numerator.unwrap(),
                        shown: shown.numerator,
                    });
                    if let Some(below) = below {
                        cells.push(Cell {
                            about: about(below),
                            terms: lower,
                            rounded,
                            truth: truth.denominator.unwrap(),
                            shown: shown.denominator,
                        });
                    }
                }
            }
        }
    }
    cells
}

/// What cannot be more than something else.
const PARTS: [(&[&str], &str); 3] =
    [(&["khmer", "hoa"], "minority"), (&["minority"], "people"), (&["poor"], "minority")];

/// What is left of wholes without their parts, of which all were said by a unit on one day.
fn rests(world: &World) -> Vec<(String, Terms, i64)> {
    let mut rests = Vec::new();
    for (key, value) in &world.said {
        let (measure, unit, day) = *key;
        for (parts, whole) in PARTS.into_iter().filter(|(_, whole)| *whole == measure) {
            let said = |part: &&'static str| world.said.get_key_value(&(*part, unit, day));
            let parts: Vec<_> = parts.iter().map(said).collect();
            let Some(parts) = parts.into_iter().collect::<Option<Vec<_>>>() else { continue };
            let mut terms = Terms::from([(*key, 1.0)]);
            terms.extend(parts.iter().map(|(part, _)| (**part, -1.0)));
            let rest = value - parts.iter().map(|(_, value)| **value).sum::<i64>();
            rests.push((format!("rest of {whole} of {unit} on {day}"), terms, rest));
        }
    }
    rests
}

/// A sum of numbers by their places, compared with a value.
type Constraint = (Vec<(usize, f64)>, ComparisonOp, f64);

/// What the attacker knows, as a linear program.
struct Attacker {
    variables: BTreeMap<Key, usize>,
    constraints: Vec<Constraint>,
}

impl Attacker {
    fn new(world: &World, cells: &[Cell]) -> Self {
        let variables = world.said.keys().enumerate().map(|(at, key)| (*key, at)).collect();
        let mut attacker = Self { variables, constraints: Vec::new() };
        for cell in cells {
            let Some(shown) = cell.shown else { continue };
            let terms = attacker.terms(&cell.terms);
            let (shown, slack) = (shown as f64, cell.rounded as f64);
            if cell.rounded == 0 {
                attacker.constraints.push((terms, ComparisonOp::Eq, shown));
            } else {
                attacker.constraints.push((terms.clone(), ComparisonOp::Le, shown + slack));
                attacker.constraints.push((terms, ComparisonOp::Ge, shown - slack));
            }
        }
        let places: BTreeSet<(UnitId, Day)> =
            world.said.keys().map(|(_, unit, day)| (*unit, *day)).collect();
        for (unit, day) in places {
            for (parts, whole) in PARTS {
                let Some(whole) = world.said.get_key_value(&(whole, unit, day)) else { continue };
                let parts =
                    parts.iter().filter_map(|part| world.said.get_key_value(&(*part, unit, day)));
                let mut terms: Vec<(usize, f64)> =
                    parts.map(|(key, _)| (attacker.variables[key], 1.0)).collect();
                terms.push((attacker.variables[whole.0], -1.0));
                attacker.constraints.push((terms, ComparisonOp::Le, 0.0));
            }
        }
        attacker
    }

    fn terms(&self, terms: &Terms) -> Vec<(usize, f64)> {
        terms.iter().map(|(key, share)| (self.variables[key], *share)).collect()
    }

    /// How low and how high a sum can be.
    fn range(&self, terms: &Terms) -> (f64, f64) {
        let end = |direction: OptimizationDirection| {
            let mut problem = Problem::new(direction);
            let wanted: BTreeMap<usize, f64> = self.terms(terms).into_iter().collect();
            let most = 2000.0;
            let variables: Vec<Variable> = (0..self.variables.len())
                .map(|at| problem.add_var(wanted.get(&at).copied().unwrap_or(0.0), (0.0, most)))
                .collect();
            for (terms, op, value) in &self.constraints {
                let mut sum = LinearExpr::empty();
                for (at, share) in terms {
                    sum.add(variables[*at], *share);
                }
                problem.add_constraint(sum, *op, *value);
            }
            match problem.solve().expect("what is true is possible") {
                SolveOutcome::Solution(solution) => solution.objective(),
                SolveOutcome::Interrupted(_) => panic!("no time was given"),
            }
        };
        (end(OptimizationDirection::Minimize), end(OptimizationDirection::Maximize))
    }
}

/// Worlds with few and with many small numbers, with and without silent units. In those of 2 and
/// 31 a rule too few lets a number out.
const SEEDS: [u64; 7] = [0, 2, 7, 16, 24, 31, 32];

/// Attacks so many of the small numbers. Gives how many there are, and how many numbers are shown.
async fn attack(seed: u64, level: Level, most: usize) -> (usize, usize) {
    let world = World::of(seed, level).await;
    let cells = ask_everything(&world).await;
    let attacker = Attacker::new(&world, &cells);
    let is_protected = |cell: &&Cell| !cell.about.starts_with("people");
    let small = cells.iter().filter(is_protected).filter(|cell| (1..5).contains(&cell.truth));
    let small: Vec<&Cell> = small.filter(|cell| cell.rounded == 0).collect();
    let mut dice = Dice(seed + 1);
    for cell in &small {
        assert_eq!(cell.shown, None, "{level:?} {seed}: {}", cell.about);
    }
    for _ in 0..most.min(small.len()) {
        let cell = small[usize::try_from(dice.below(small.len() as i64)).unwrap()];
        let (low, high) = attacker.range(&cell.terms);
        assert!(
            high - low > 0.99,
            "{level:?} {seed}: {} is {}: between {low} and {high}",
            cell.about,
            cell.truth
        );
    }
    let rests = rests(&world);
    let small_rests: Vec<_> = rests.iter().filter(|(.., rest)| (1..5).contains(rest)).collect();
    for _ in 0..most.min(small_rests.len()) {
        let at = usize::try_from(dice.below(small_rests.len() as i64)).unwrap();
        let (about, terms, rest) = small_rests[at];
        let (low, high) = attacker.range(terms);
        assert!(high - low > 0.99, "{level:?} {seed}: {about} is {rest}: between {low} and {high}");
    }
    let shown = cells.iter().filter(is_protected).filter(|cell| cell.shown.is_some()).count();
    (small.len(), shown)
}

#[tokio::test]
async fn no_small_number_can_be_computed_from_all_that_is_shown() {
    for level in [Level::Hamlet, Level::Commune] {
        for seed in SEEDS {
            let (small, shown) = attack(seed, level, 12).await;
            assert!(small > 0 && shown > 0, "{level:?} {seed}: {small} small, {shown} shown");
        }
    }
}

/// All figures of the indicators on the newest map.
async fn figures(world: &World, sight: Sight, known: Option<Moment>) -> Vec<Figure> {
    let mut tx = world.desk.database().read().await.unwrap();
    let (atlas, catalogue) = (&world.desk.atlas, world.desk.catalogue(&mut tx).await.unwrap());
    let periods = vec![Period::parse(DAYS[3], &[]).unwrap()];
    let map = day(MAPS[1]);
    let units = world.desk.atlas.territory(&mut tx).await.unwrap();
    let mut figures = Vec::new();
    for (code, ..) in INDICATORS {
        let (indicator, periods) = (code.to_owned(), periods.clone());
        let question = Question { indicator, periods, map, known, sight };
        let answer = ask(&mut tx, atlas, &catalogue, &question).await.unwrap();
        figures.extend(units.units().iter().map(|unit| answer.get(unit.id, 0)));
    }
    figures
}

#[tokio::test]
async fn what_was_known_before_is_not_shown_to_be_compared_with_what_is_known_now() {
    let world = World::of(32, Level::Hamlet).await;
    let now = world.desk.clock().now();
    let middle = {
        let mut tx = world.desk.database().read().await.unwrap();
        let last = journal::last_seq(&mut tx).await.unwrap();
        // Just before the last day was reported.
        Moment(journal::find_entry(&mut tx, last).await.unwrap().unwrap().recorded_at.0 - 1)
    };
    let before = figures(&world, Sight::Full, Some(middle)).await;
    assert!(before != figures(&world, Sight::Full, None).await);
    let (open, closed) = before
        .iter()
        .enumerate()
        .partition::<Vec<_>, _>(|(at, _)| at / (before.len() / INDICATORS.len()) == 0);
    let shown = figures(&world, Sight::Public, Some(middle)).await;
    for (at, figure) in open {
        assert_eq!(shown[at], *figure, "everybody may see people");
    }
    for (at, figure) in closed {
        assert_eq!((shown[at].numerator, shown[at].hidden), (None, figure.numerator.is_some()));
    }
    // Entries of one moment are recorded one after the other, so "now" may be a little later.
    let later = Moment(now.0 + 1_000_000);
    let same = figures(&world, Sight::Public, Some(later)).await;
    assert!(same == figures(&world, Sight::Public, None).await);
}

#[tokio::test]
async fn what_was_hidden_together_once_is_not_shown_apart_later() {
    let mut world = World::of(31, Level::Hamlet).await;
    let before = figures(&world, Sight::Public, None).await;
    // All that was small becomes large.
    let mut work = world.desk.begin().await.unwrap();
    let small: Vec<Key> = world
        .said
        .iter()
        .filter(|(_, value)| (0..9).contains(*value))
        .map(|(key, _)| *key)
        .collect();
    assert!(small.len() > 50);
    let mut tx = world.desk.database().read().await.unwrap();
    let filter = crate::observations::Filter::new(None, None, (None, None)).unwrap();
    let mut cursor = None;
    let mut listed = Vec::new();
    loop {
        let page = crate::observations::list(
            &mut tx,
            Actor::operator("t"),
            &filter,
            cursor.as_deref(),
            100,
        )
        .await
        .unwrap();
        listed.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    drop(tx);
    for it in listed {
        let value = it.value.unwrap() + 50;
        let correction =
            Correction { id: it.id, version: 1, value, reason: "đếm lại".to_owned() };
        let (tx, cx): (_, Context<'_>) = work.by(&world.desk, Actor::operator("t"));
        correct(tx, cx, correction).await.unwrap();
    }
    work.tx.commit().await.unwrap();
    world.said.clear();
    let after = figures(&world, Sight::Public, None).await;
    for (before, after) in before.iter().zip(&after) {
        assert!(!before.hidden || after.hidden, "{before:?} {after:?}");
    }
}
