//! Opening the system's browser. The address is one argument of a program that is named in full where the system has one
//! place for it; no shell reads it.

use std::process::{Command, Stdio};

use url::Url;

/// Opens an address; false where this computer has no browser that a person would see.
pub fn open(address: &Url) -> bool {
    let Some(mut command) = command(address) else { return false };
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return false };
    // Some of these programs stay until the browser ends; none must be left unreaped.
    let reaper = std::thread::Builder::new().name("pp-browser".into()).spawn(move || child.wait());
    reaper.is_ok()
}

/// `start` is a word of the command interpreter; this is what it comes to, without one.
#[cfg(windows)]
fn command(address: &Url) -> Option<Command> {
    let system = std::env::var_os("SystemRoot")?;
    let mut command = Command::new(std::path::Path::new(&system).join("System32").join("rundll32.exe"));
    command.arg("url.dll,FileProtocolHandler").arg(address.as_str());
    Some(command)
}

#[cfg(target_os = "macos")]
fn command(address: &Url) -> Option<Command> {
    let mut command = Command::new("/usr/bin/open");
    command.arg(address.as_str());
    Some(command)
}

/// Without a display, or over SSH, a browser would open where nobody sees it.
#[cfg(not(any(windows, target_os = "macos")))]
fn command(address: &Url) -> Option<Command> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !(set("DISPLAY") || set("WAYLAND_DISPLAY")) || set("SSH_CONNECTION") {
        return None;
    }
    let mut command = Command::new("xdg-open");
    command.arg(address.as_str());
    Some(command)
}
