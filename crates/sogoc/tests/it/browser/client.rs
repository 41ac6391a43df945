//! One session of a browser, spoken to in the W3C WebDriver protocol.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::driver::Driver;

/// How an element is named in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// So long an element or a file is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The keys without a letter.
pub(crate) const TAB: &str = "\u{e004}";
/// Enter, as on the keyboard's main block.
pub(crate) const ENTER: &str = "\u{e007}";

/// Whether pages may run scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scripts {
    On,
    Off,
}

/// A browser with a profile of its own that looks at one server at a time; it closes with the
/// value.
///
/// Every method fails the test when it cannot be done and says on which page.
pub(crate) struct Browser {
    agent: ureq::Agent,
    session: String,
    home: String,
    profile: tempfile::TempDir,
}

impl Browser {
    /// Opens one.
    pub(crate) fn open(driver: &Driver, scripts: Scripts) -> Self {
        let profile = tempfile::Builder::new().prefix("profile-").tempdir_in(&driver.folder);
        let profile = profile.unwrap();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let session = driver.address.clone();
        let mut browser = Self { agent, session, home: String::new(), profile };
        let wishes = browser.wishes(driver, scripts);
        let opened = browser.ask("session", Some(wishes)).unwrap();
        let id = opened["sessionId"].as_str().unwrap();
        browser.session = format!("{}/session/{id}", driver.address);
        browser.goes_without_scripts(scripts == Scripts::Off);
        browser
    }

    /// Turns to the server at an address such as `http://127.0.0.1:8080`, without a memory of others.
    pub(crate) fn turn_to(&mut self, home: &str) {
        home.clone_into(&mut self.home);
        self.tell("url", json!({ "url": "about:blank" }));
        self.command("Network.clearBrowserCookies", &json!({}));
        self.command("Emulation.clearDeviceMetricsOverride", &json!({}));
        self.command("Emulation.setEmulatedMedia", &json!({ "features": [] }));
        self.complaints();
    }

    fn wishes(&self, driver: &Driver, scripts: Scripts) -> Value {
        let profile = format!("--user-data-dir={}", self.profile.path().display());
        let mut preferences = json!({
            "download.default_directory": self.profile.path(),
            "download.prompt_for_download": false,
        });
        if scripts == Scripts::Off {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "goog:chromeOptions": {
                "binary": driver.browser,
                "prefs": preferences,
                "args": [
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", profile,
                ],
            },
        } } })
    }

    /// A page that would change its own title proves that the preference holds.
    fn goes_without_scripts(&self, without: bool) {
        let page = "data:text/html,<title>off</title><script>document.title='on'</script>";
        self.tell("url", json!({ "url": page }));
        let expected = if without { "off" } else { "on" };
        assert_eq!(self.get("title"), expected, "scripts of the browser");
    }

    /// Goes to a path of the server.
    pub(crate) fn goto(&self, path: &str) {
        self.tell("url", json!({ "url": format!("{}{path}", self.home) }));
    }

    /// Path and query of the page that is open.
    pub(crate) fn path(&self) -> String {
        let url = self.get("url").as_str().unwrap_or_default().to_owned();
        url.strip_prefix(&self.home).unwrap_or(&url).to_owned()
    }

    /// The title of the page.
    pub(crate) fn title(&self) -> String {
        self.get("title").as_str().unwrap_or_default().to_owned()
    }

    /// The visible text of the first element of a CSS selector.
    pub(crate) fn text(&self, css: &str) -> String {
        let element = self.find("css selector", css);
        self.get(&format!("element/{element}/text")).as_str().unwrap_or_default().to_owned()
    }

    /// The visible text of every element of a CSS selector.
    pub(crate) fn texts(&self, css: &str) -> Vec<String> {
        let found = self.tell("elements", json!({ "using": "css selector", "value": css }));
        let ids = found.as_array().into_iter().flatten().filter_map(|it| it[ELEMENT].as_str());
        let texts = ids.map(|id| self.get(&format!("element/{id}/text")));
        texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// A property of the first element of a CSS selector, such as `value` or `href`.
    pub(crate) fn property(&self, css: &str, name: &str) -> String {
        let element = self.find("css selector", css);
        let value = self.get(&format!("element/{element}/property/{name}"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// A property of the element that has the focus.
    pub(crate) fn focused(&self, name: &str) -> String {
        let element = self.get("element/active");
        let id = element[ELEMENT].as_str().unwrap_or_default().to_owned();
        let value = self.get(&format!("element/{id}/property/{name}"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// A computed style of the element that has the focus.
    pub(crate) fn focused_style(&self, name: &str) -> String {
        let element = self.get("element/active");
        let id = element[ELEMENT].as_str().unwrap_or_default().to_owned();
        self.get(&format!("element/{id}/css/{name}")).as_str().unwrap_or_default().to_owned()
    }

    /// Clicks the first element of a CSS selector.
    pub(crate) fn click(&self, css: &str) {
        let element = self.find("css selector", css);
        self.tell(&format!("element/{element}/click"), json!({}));
    }

    /// Clicks what leads to another page, and waits for that page.
    pub(crate) fn follow(&self, css: &str) {
        self.leave(|| self.click(css));
    }

    /// Sends the form that has the focus, as Enter does, and waits for the page that answers.
    pub(crate) fn enter(&self) {
        self.leave(|| self.press(ENTER));
    }

    /// Does something that leads to another page, and waits until this one is gone.
    fn leave(&self, act: impl FnOnce()) {
        let here = format!("element/{}/name", self.find("css selector", "html"));
        let path = self.path();
        act();
        let gone = wait_for(|| self.ask(&here, None).err());
        assert!(gone.is_some(), "{path}: nothing came after it");
    }

    /// Types into the input of this name, over what stood there.
    pub(crate) fn fill(&self, name: &str, text: &str) {
        let element = self.find("css selector", &format!("#field-{name}"));
        self.tell(&format!("element/{element}/clear"), json!({}));
        self.tell(&format!("element/{element}/value"), json!({ "text": text }));
    }

    /// Types into the first element of a CSS selector, which may stand on a page of somebody else's.
    pub(crate) fn type_into(&self, css: &str, text: &str) {
        let element = self.find("css selector", css);
        self.tell(&format!("element/{element}/value"), json!({ "text": text }));
    }

    /// Chooses what is called so in the select of this name.
    pub(crate) fn choose(&self, name: &str, label: &str) {
        let option = format!("//select[@id='field-{name}']/option[normalize-space()='{label}']");
        let element = self.find("xpath", &option);
        self.tell(&format!("element/{element}/click"), json!({}));
    }

    /// Chooses files for the input of this name.
    pub(crate) fn choose_files(&self, name: &str, files: &[&std::path::Path]) {
        let element = self.find("css selector", &format!("#field-{name}"));
        let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        self.tell(&format!("element/{element}/value"), json!({ "text": files.join("\n") }));
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.tell("actions", json!({ "actions": [keyboard] }));
    }

    /// Runs the body of a function in the page; its rules about scripts do not hold for this.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.tell("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// The same for a function whose last argument takes the answer.
    pub(crate) fn run_later(&self, script: &str) -> Value {
        self.tell("execute/async", json!({ "script": script, "args": [] }))
    }

    /// Plugs in a device that keeps passkeys; it is unplugged with the value.
    pub(crate) fn plug_in(&self) -> Authenticator<'_> {
        let device = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        let id = self.tell("webauthn/authenticator", device);
        Authenticator { browser: self, id: id.as_str().unwrap().to_owned() }
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn command(&self, name: &str, values: &Value) {
        self.tell("goog/cdp/execute", json!({ "cmd": name, "params": values }));
    }

    /// What the console said since it was last asked, from warnings up.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let lines = self.tell("se/log", json!({ "type": "browser" }));
        let lines = lines.as_array().cloned().unwrap_or_default();
        let serious =
            lines.iter().filter(|line| line["level"] != "INFO" && line["level"] != "DEBUG");
        let said = serious.map(|line| line["message"].as_str().unwrap_or_default().to_owned());
        // That the page itself has the status of an error is no complaint about the page.
        let url = self.get("url");
        let own = format!("{} - Failed to load resource", url.as_str().unwrap_or_default());
        said.filter(|line| !line.starts_with(&own)).collect()
    }

    /// The content of a file that the browser puts away under this name.
    pub(crate) fn downloaded(&self, name: &str) -> String {
        let file = self.profile.path().join(name);
        let content = wait_for(|| std::fs::read_to_string(&file).ok());
        let content = content.unwrap_or_else(|| panic!("{}: no file {name} came", self.path()));
        std::fs::remove_file(&file).unwrap();
        content
    }

    /// Fails unless the first element of a CSS selector shows this text.
    pub(crate) fn sees(&self, css: &str, text: &str) {
        let seen = self.text(css);
        assert!(seen.contains(text), "{}: no {text:?} in {css}: {seen}", self.path());
    }

    /// Fails if the first element of a CSS selector shows this text.
    pub(crate) fn sees_no(&self, css: &str, text: &str) {
        let seen = self.text(css);
        assert!(!seen.contains(text), "{}: {text:?} in {css}: {seen}", self.path());
    }

    fn find(&self, using: &str, value: &str) -> String {
        let wish = json!({ "using": using, "value": value });
        let found = wait_for(|| self.ask("element", Some(wish.clone())).ok());
        let found = found.unwrap_or_else(|| panic!("{}: no {value:?}", self.path()));
        found[ELEMENT].as_str().unwrap_or_default().to_owned()
    }

    fn get(&self, path: &str) -> Value {
        self.ask(path, None).unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    fn tell(&self, path: &str, body: Value) -> Value {
        self.ask(path, Some(body)).unwrap_or_else(|why| panic!("{path}: {why}"))
    }

    /// One command; the error is what the driver says.
    fn ask(&self, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}/{path}", self.session);
        let answer = match body {
            Some(body) => self.agent.post(&url).send_json(body),
            None => self.agent.get(&url).call(),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        // Logs and answers of axe are longer than what is read without being asked.
        let body = answer.body_mut().with_config().limit(64 << 20);
        let mut said: Value = body.read_json().map_err(|error| error.to_string())?;
        let value = said["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(format!("{error}: {}", value["message"].as_str().unwrap_or("?"))),
            None => Ok(value),
        }
    }
}

/// A device of a browser that keeps passkeys.
pub(crate) struct Authenticator<'a> {
    browser: &'a Browser,
    id: String,
}

impl Authenticator<'_> {
    /// Whether its owner unlocks it from now on.
    pub(crate) fn unlocks(&self, is_unlocked: bool) {
        let path = format!("webauthn/authenticator/{}/uv", self.id);
        self.browser.tell(&path, json!({ "isUserVerified": is_unlocked }));
    }

    /// The passkeys that it keeps.
    pub(crate) fn passkeys(&self) -> Vec<Value> {
        let kept = self.browser.get(&format!("webauthn/authenticator/{}/credentials", self.id));
        kept.as_array().unwrap().clone()
    }

    /// Keeps a passkey of another device too.
    pub(crate) fn keep(&self, passkey: &Value) {
        let path = format!("webauthn/authenticator/{}/credential", self.id);
        self.browser.tell(&path, passkey.clone());
    }
}

impl Drop for Authenticator<'_> {
    fn drop(&mut self) {
        let browser = self.browser;
        let url = format!("{}/webauthn/authenticator/{}", browser.session, self.id);
        let _ = browser.agent.delete(&url).call();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.agent.delete(&self.session).call();
    }
}

/// Asks again until there is an answer or patience ends.
#[expect(clippy::disallowed_methods, reason = "a test has no other work to do meanwhile")]
fn wait_for<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let answer = ask();
        if answer.is_some() || start.elapsed() > PATIENCE {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
