//! The process under test: a shell with the module, which gets its secrets over a socket, so that they are in no argument,
//! environment, file or string of it before the module has them.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::given::browse;

/// A shell that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_mins(10);

/// Environment variable that carries a planted text.
const PLANTED: &str = "PPFEDERATION_PLANTED";

/// The folders of a subject, all but one of which are places.
pub(crate) struct Folders {
    root: TempDir,
}

impl Folders {
    pub(crate) fn new() -> Result<Self> {
        let folders = Self { root: TempDir::with_prefix("ppfederation-taint-")? };
        for folder in [folders.given(), folders.seen(), folders.work(), folders.temporary()] {
            std::fs::create_dir(folder)?;
        }
        Ok(folders)
    }

    /// The files that a sign-in reads. The one that is no place: they hold secrets.
    pub(crate) fn given(&self) -> PathBuf {
        self.root.path().join("given")
    }

    /// What a session could see: a file a stream.
    pub(crate) fn seen(&self) -> PathBuf {
        self.root.path().join("seen")
    }

    /// The working folder.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// The folder for temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.root.path().join("temporary")
    }

    /// Standard output and standard error.
    pub(crate) fn console(&self) -> PathBuf {
        self.root.path().join("console")
    }
}

/// A running subject.
pub(crate) struct Subject {
    child: Child,
    socket: BufReader<TcpStream>,
}

impl Subject {
    /// Starts the script in a shell: its program and what comes before its own arguments. `arguments` are for everybody to
    /// see, `lines` are not.
    pub(crate) fn start(
        shell: &[String],
        script: &Path,
        folders: &Folders,
        arguments: &[(&str, String)],
        planted: &str,
        lines: &[(String, String)],
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let console = File::create(folders.console())?;
        let (program, first) = shell.split_first().context("no shell was named")?;
        let mut command = Command::new(program);
        command.args(first).args(["-ExecutionPolicy", "Bypass", "-File"]).arg(script);
        command.arg("-Port").arg(listener.local_addr()?.port().to_string());
        for (name, value) in arguments {
            command.arg(format!("-{name}")).arg(value);
        }
        for name in ["TMPDIR", "TMP", "TEMP"] {
            command.env(name, folders.temporary());
        }
        command.env(PLANTED, planted).current_dir(folders.work());
        command.stdin(Stdio::null()).stdout(console.try_clone()?).stderr(console);
        let mut child = command.spawn().with_context(|| format!("{program} can't be started"))?;
        let socket = accept(&listener, &mut child)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut subject = Self { child, socket: BufReader::new(socket) };
        for (name, value) in lines {
            subject.say(&format!("{name}\n{value}\n"))?;
        }
        subject.say("\n")?;
        Ok(subject)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the subject has come to a point and stays there. On the way it may ask for an address to be opened in a
    /// browser, which is this process: what an address leads to is then in no memory of the subject's but the module's.
    pub(crate) fn wait_for(&mut self, point: &str) -> Result<()> {
        loop {
            let mut line = String::new();
            self.socket.read_line(&mut line).with_context(|| format!("the subject never came to '{point}'"))?;
            match line.trim_end().split_once(' ') {
                Some(("browse", address)) => browse(address).with_context(|| address.to_owned())?,
                _ if line.trim_end() == point => return Ok(()),
                _ => bail!("the subject ended before '{point}'"),
            }
            self.go_on()?;
        }
    }

    /// Lets the subject go on.
    pub(crate) fn go_on(&mut self) -> Result<()> {
        self.say("\n")
    }

    /// Waits for its end, which has to be a good one.
    pub(crate) fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the subject ended with {status}");
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<()> {
        Ok(self.socket.get_mut().write_all(text.as_bytes())?)
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // Ended already, where all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The subject's call, unless it ends before.
fn accept(listener: &TcpListener, child: &mut Child) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    loop {
        if let Ok((socket, _)) = listener.accept() {
            socket.set_nonblocking(false)?;
            socket.set_nodelay(true)?;
            return Ok(socket);
        }
        if let Some(status) = child.try_wait()? {
            bail!("the subject ended with {status} before it called");
        }
        thread::sleep(Duration::from_millis(20));
    }
}
