//! The taint test: known secrets, tokens and codes go through every cmdlet of the built module, in a shell of its own,
//! against a tenant twin in this process. Then all that remembers is searched for them: streams, errors, transcript,
//! console, addresses, files, environment, and the memory of that shell, as a core dump would hold it.
//!
//! In each place a text is planted on purpose, which the search has to find. The names of two of the tenant's users are searched for, too:
//! they may be where a caller asks for users.

mod forms;
mod given;
mod memory;
mod places;
mod search;
mod subject;
mod verdict;

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use forms::FORMS;
use given::{Given, USERS};
use places::Place;
use search::Search;
use subject::{Folders, Subject};
use tenant_twin::{Options, Person, Twin};
use uuid::Uuid;
use verdict::{Kind, LOG, Text, Verdict};

const USAGE: &str = "usage: taint [--plant <place to plant a real secret in>] <module manifest> <shell> [first arguments of the shell...]";

/// What a session sees, a file each.
const SEEN: [&str; 8] = ["output", "error", "warning", "verbose", "debug", "information", "errors", LOG];
/// The other places, where texts are planted too.
const OTHERS: [&str; 5] = ["console", "urls", "work", "temporary", "environment"];
/// The shell's memory: what a core dump would hold, and all of it.
const MEMORY: [&str; 2] = ["core dump", "memory"];

/// The name of the key that signs in.
const KEY: &str = "private key";

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (leak, module, shell) = match arguments.as_slice() {
        [option, place, module, shell @ ..] if option == "--plant" => (Some(place.as_str()), module, shell),
        [module, shell @ ..] => (None, module, shell),
        [] => bail!("{USAGE}"),
    };
    if shell.is_empty() {
        bail!("{USAGE}");
    }
    let module = std::path::absolute(module)?;
    let verdict = Run::start(leak)?.carry_out(shell, &module)?;
    let mut output = io::stdout().lock();
    writeln!(output, "{}tests: {} passed, {} failed", verdict.report, verdict.passed, verdict.failed)?;
    Ok(if verdict.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One run of the test.
struct Run {
    twin: Twin,
    folders: Folders,
    given: Given,
    /// What it is given to plant, by place.
    planted: Vec<(String, String)>,
}

impl Run {
    fn start(leak: Option<&str>) -> Result<Self> {
        let (twin, folders) = (given::tenant()?, Folders::new()?);
        let given = Given::new(&twin, &folders.given())?;
        let planted = SEEN.iter().chain(&OTHERS).chain(&MEMORY).chain(&["transcript"]);
        let real = given.secrets[0].1.clone();
        let text = |place| if leak == Some(place) { real.clone() } else { format!("planted/{}", Uuid::new_v4()) };
        let planted = planted.map(|place| ((*place).to_owned(), text(place))).collect();
        let run = Self { twin, folders, given, planted };
        // The twin's view of addresses is the one place that the subject can't be told to plant in.
        given::ask("GET", &format!("{}/authorize?hint={}", run.twin.login(), run.plant("urls")), "")?;
        Ok(run)
    }

    fn carry_out(&self, shell: &[String], module: &Path) -> Result<Verdict> {
        let begin = Instant::now();
        let mut subject = self.subject(shell, module).with_context(|| self.console())?;
        subject.wait_for("open").with_context(|| self.console())?;
        let open = self.memory(&subject)?;
        subject.go_on()?;
        subject.wait_for("closed").with_context(|| self.console())?;
        let (texts, search) = self.search()?;
        let mut verdict = Verdict::default();
        if let Some([core, all]) = open {
            let (core, all) = (core.join(", "), all.join(", "));
            verdict.line(&format!("while connections are open, a core dump holds [{core}], the whole memory [{all}]"));
            // Both are in use: a core dump leaves them out, and a search that doesn't see them would see nothing.
            for used in ["admin", KEY] {
                verdict.test(!core.contains(used), &format!("a core dump holds {used} while it is in use"));
                verdict.test(all.contains(used), &format!("{used} is in use and not found"));
            }
        }
        match places::memory(subject.process(), &search) {
            Ok((places, unread)) => {
                for place in &places {
                    verdict.judge(place, &texts);
                }
                verdict.test(unread == 0, &format!("{unread} regions of the memory can't be read"));
            }
            Err(error) => verdict.line(&format!("not searched: the memory of the shell ({error})")),
        }
        match memory::environment(subject.process()) {
            Ok(bytes) => verdict.judge(&Place::bytes("environment", &bytes, &search), &texts),
            Err(error) => verdict.line(&format!("not searched: its command line and environment ({error})")),
        }
        subject.go_on()?;
        subject.end()?;
        self.files(&search, &texts, &mut verdict)?;
        self.sum_up(&texts, begin.elapsed(), &mut verdict)?;
        Ok(verdict)
    }

    fn subject(&self, shell: &[String], module: &Path) -> Result<Subject> {
        let id = |kind| self.twin.client(kind).map(|client| client.client_id.clone()).unwrap_or_default();
        let arguments = [
            ("Module", module.display().to_string()),
            ("Seen", self.folders.seen().display().to_string()),
            ("TenantId", self.twin.tenant_id().to_owned()),
            ("Login", self.twin.login()),
            ("Graph", self.twin.graph()),
            ("Control", self.twin.control()),
            ("Admin", id("admin")),
            ("Reader", id("reader")),
            ("Given", self.folders.given().display().to_string()),
        ];
        let mut lines = self.given.secrets.clone();
        lines.extend(self.planted.iter().map(|(place, text)| (format!("plant {place}"), text.clone())));
        let script = repository().join("tests/taint/Subject.ps1");
        Subject::start(shell, &script, &self.folders, &arguments, self.plant("environment"), &lines)
    }

    fn plant(&self, place: &str) -> &str {
        self.planted.iter().find(|(known, _)| known == place).map_or("", |(_, text)| text)
    }

    /// All texts: what was given, what the twin has seen since, and what was planted.
    fn search(&self) -> Result<(Vec<Text>, Search)> {
        let secret = |(name, text): &(String, String)| Text::secret(name, text);
        let mut texts: Vec<Text> = self.given.secrets.iter().map(secret).collect();
        texts.push(Text { name: KEY.to_owned(), content: self.given.key.clone(), kind: Kind::Key });
        texts.extend(Person::ALL.map(|person| Text::person(person.user_name())));
        texts.extend(USERS.map(Text::user));
        for seen in self.twin.secrets().into_iter().map(|secret| (secret.kind, secret.text)).chain(demo_secrets()?) {
            if !texts.iter().any(|known| known.content == seen.1) {
                texts.push(secret(&seen));
            }
        }
        let plant = |(place, text): &(String, String)| (place.clone(), text.clone());
        for (place, text) in self.planted.iter().map(plant) {
            if !texts.iter().any(|known| known.content == text) {
                texts.push(Text { name: format!("planted for {place}"), content: text, kind: Kind::Planted(place) });
            }
        }
        let search = Search::new(&texts)?;
        Ok((texts, search))
    }

    /// What the shell's memory holds while connections are open: as a core dump, and all of it. `None` where it can't be read.
    fn memory(&self, subject: &Subject) -> Result<Option<[Vec<String>; 2]>> {
        let (texts, search) = self.search()?;
        let Ok((places, _)) = places::memory(subject.process(), &search) else { return Ok(None) };
        let held = |place: &Place| {
            let held = texts
                .iter()
                .enumerate()
                .filter(|(index, text)| text.is_secret() && place.hits.iter().any(|(hit, _)| hit == index));
            held.map(|(_, text)| text.name.clone()).collect()
        };
        Ok(Some(places.each_ref().map(held)))
    }

    fn files(&self, search: &Search, texts: &[Text], verdict: &mut Verdict) -> Result<()> {
        for name in SEEN {
            verdict.judge(&Place::file(name, &self.folders.seen().join(name), search)?, texts);
        }
        let transcript = self.folders.seen().join("transcript");
        if transcript.exists() {
            verdict.judge(&Place::file("transcript", &transcript, search)?, texts);
        } else {
            verdict
                .line("not searched: a transcript, which this shell doesn't have; the console's output stands for it");
        }
        verdict.judge(&Place::file("console", &self.folders.console(), search)?, texts);
        verdict.judge(&Place::bytes("urls", self.twin.urls().join("\n").as_bytes(), search), texts);
        verdict.judge(&Place::folder("work", &self.folders.work(), search)?, texts);
        verdict.judge(&Place::folder("temporary", &self.folders.temporary(), search)?, texts);
        Ok(())
    }

    fn sum_up(&self, texts: &[Text], took: Duration, verdict: &mut Verdict) -> Result<()> {
        let said = self.console();
        let summary = said.lines().find(|line| line.starts_with("The subject made")).unwrap_or_default().to_owned();
        // Else the search for them would show nothing.
        let shown = Place::file("output", &self.folders.seen().join("output"), &Search::new(&USERS.map(Text::user))?)?;
        let all = (0..USERS.len()).all(|user| shown.hits.iter().any(|(hit, _)| *hit == user));
        verdict.test(all, "the rows of users were not among what was searched");
        verdict.test(!summary.is_empty(), "the subject did not say what it did");
        verdict.line(&summary);
        let secrets = texts.iter().filter(|text| text.is_secret()).count();
        let (last, others) = FORMS.split_last().unwrap_or((&"", &[]));
        verdict.line(&format!(
            "{} places x {secrets} secrets searched, each {} and {last}, in {} s",
            verdict.places,
            others.join(", "),
            took.as_secs()
        ));
        Ok(())
    }

    fn console(&self) -> String {
        std::fs::read_to_string(self.folders.console()).unwrap_or_default()
    }
}

/// The clients' secrets of the demonstration tenant, which is the same wherever it is started.
fn demo_secrets() -> Result<Vec<(String, String)>> {
    let demo = Twin::start(&Options::default())?;
    Ok(demo.clients().iter().map(|client| (format!("demo {}", client.kind), client.client_secret.clone())).collect())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or_else(|| Path::new(".")).to_owned()
}
