//! Keys that are pressed while a verb runs: one at a time, without Enter, where stdin is a terminal.

use std::sync::mpsc::{Receiver, channel};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Render,
    Quit,
    /// The range that is to be looped; `None`: none.
    Loop(Option<String>),
}

/// Listens until it is dropped, which gives the terminal back as it was.
pub(super) struct Keys {
    pressed: Receiver<Key>,
    #[cfg(unix)]
    _raw: Option<unix::Raw>,
}

impl Keys {
    /// `None` where stdin is no terminal.
    #[cfg(unix)]
    pub(super) fn listen() -> Option<Keys> {
        let raw = unix::Raw::enter()?;
        let (sender, pressed) = channel();
        std::thread::spawn(move || {
            while let Some(key) = unix::next() {
                if sender.send(key).is_err() {
                    return;
                }
            }
        });
        Some(Keys { pressed, _raw: Some(raw) })
    }

    /// Elsewhere a key is a line.
    #[cfg(not(unix))]
    pub(super) fn listen() -> Option<Keys> {
        use std::io::IsTerminal;
        if !std::io::stdin().is_terminal() {
            return None;
        }
        let (sender, pressed) = channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lines().map_while(Result::ok) {
                let key = match line.trim() {
                    "r" => Key::Render,
                    "q" => Key::Quit,
                    line => match line.strip_prefix('l') {
                        Some(range) => Key::Loop(range_of(range)),
                        None => continue,
                    },
                };
                if sender.send(key).is_err() {
                    return;
                }
            }
        });
        Some(Keys { pressed })
    }

    pub(super) fn pressed(&self) -> Option<Key> {
        self.pressed.try_recv().ok()
    }
}

/// What was typed as a range: nothing is none.
fn range_of(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_string())
}

#[cfg(unix)]
mod unix {
    use std::io::{self, IsTerminal, Read};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    use super::Key;
    use crate::cli::terminal::complain;

    /// The terminal gives keys at once and does not echo them; Ctrl-C stays a signal, and what is written looks as ever.
    pub(super) struct Raw(Termios);

    impl Raw {
        pub(super) fn enter() -> Option<Raw> {
            if !io::stdin().is_terminal() {
                return None;
            }
            let before = tcgetattr(io::stdin()).ok()?;
            let mut now = before.clone();
            now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Now, &now).ok()?;
            Some(Raw(before))
        }
    }

    impl Drop for Raw {
        fn drop(&mut self) {
            // a terminal that is gone needs nothing back
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        }
    }

    /// The next key that means something; `None` at the end of input.
    pub(super) fn next() -> Option<Key> {
        loop {
            let mut byte = [0];
            io::stdin().read_exact(&mut byte).ok()?;
            match byte[0] {
                b'r' => return Some(Key::Render),
                b'q' => return Some(Key::Quit),
                b'l' => return Some(Key::Loop(ask())),
                _ => {}
            }
        }
    }

    /// Asks for a range on a line of its own.
    fn ask() -> Option<String> {
        let raw = tcgetattr(io::stdin()).ok()?;
        let mut line = raw.clone();
        line.local_modes.insert(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &line).ok()?;
        complain("loop what? a section, or bar:25..bar:33; nothing for none");
        let mut text = String::new();
        let read = io::stdin().read_line(&mut text);
        // as good as it goes: the keys still work line by line
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &raw);
        read.ok()?;
        super::range_of(&text)
    }
}
