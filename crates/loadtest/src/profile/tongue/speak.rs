//! Our request in the service's words.

use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};

use super::names::Names;
use super::read::{Said, read};
use super::{Asked, Tongue};
use crate::profile::form::Piece;
use crate::profile::{Act, Blank, Form, Signer};
use crate::request::HOST_LINE;

/// Where something is filled in: each place has letters of its own that mean something there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Header,
    Body,
}

impl Tongue {
    /// Puts the request into the service's words, and says what it was.
    ///
    /// # Errors
    /// When the service has no such call.
    pub(crate) fn speak(&self, request: &mut Vec<u8>) -> Result<Asked> {
        let said = read(request)?;
        let asked = said.asked.clone();
        let call = self
            .profile
            .call
            .get(asked.act)
            .with_context(|| format!("profile {}: there is no call.{} to be made", self.profile.name, asked.act))?;
        let group = call.group.as_ref().filter(|_| asked.seats.len() > 1);
        ensure!(
            asked.seats.len() < 2 || group.is_some(),
            "profile {}: there is no call.{}.group to ask for several seats by",
            self.profile.name,
            asked.act
        );
        let path = group.and_then(|group| group.path.as_ref()).unwrap_or(&call.path);
        let form = group.and_then(|group| group.body.as_ref()).or(call.body.as_ref());
        let entry = said.entry.clone().map_or_else(|| self.entry(&asked), Ok)?;
        let said = Said { entry: Some(entry), ..said };
        let names = self.names();
        let mut body = Vec::new();
        if let Some(form) = form {
            self.fill(form, &said, &names, Place::Body, &mut body);
        }
        let mut out = Vec::with_capacity(256 + body.len());
        out.extend_from_slice(call.method.text().as_bytes());
        out.push(b' ');
        self.fill(path, &said, &names, Place::Path, &mut out);
        out.extend_from_slice(b" HTTP/1.1\r\n");
        out.extend_from_slice(HOST_LINE);
        for (name, form) in &call.headers {
            let lacks = |blank, text: &str| text.is_empty() && form.has(blank);
            if lacks(Blank::Token, said.token) || lacks(Blank::Key, said.key) {
                continue;
            }
            write!(out, "{name}: ")?;
            self.fill(form, &said, &names, Place::Header, &mut out);
            out.extend_from_slice(b"\r\n");
        }
        drop(names);
        let has_type = call.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if form.is_some() && !has_type {
            out.extend_from_slice(b"Content-Type: application/json\r\n");
        }
        if form.is_some() || call.method.text() != "GET" {
            write!(out, "Content-Length: {}\r\n", body.len())?;
        }
        out.extend_from_slice(b"\r\n");
        out.append(&mut body);
        *request = out;
        Ok(asked)
    }

    /// What is signed for a user who comes; empty where nothing is.
    fn entry(&self, asked: &Asked) -> Result<String> {
        let Some(entry) = self.profile.entry.as_ref().filter(|_| asked.act == Act::Token) else {
            return Ok(String::new());
        };
        let signer = match self.signer.get() {
            Some(signer) => signer,
            None => {
                let signer = Signer::open(entry)?;
                self.signer.get_or_init(|| signer)
            }
        };
        signer.sign(&self.called(asked.user))
    }

    /// What the service calls a user, one that it has made too.
    pub(crate) fn called(&self, user: u64) -> String {
        let made = self.names().user(self.within_run(user)).map(str::to_owned);
        made.unwrap_or_else(|| self.user(user))
    }

    fn fill(&self, form: &Form, said: &Said<'_>, names: &Names, place: Place, out: &mut Vec<u8>) {
        for piece in form.pieces() {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Blank(Blank::Seats) => self.fill_seats(said, names, place, out),
                Piece::Blank(blank) => escape(&self.value(*blank, said, names), place, out),
            }
        }
    }

    /// All seats of a reservation, each as the profile writes one.
    fn fill_seats(&self, said: &Said<'_>, names: &Names, place: Place, out: &mut Vec<u8>) {
        let Some(group) = &self.profile.call.reserve.group else { return };
        let asked = &said.asked;
        let held = names.held(asked.reservation).map(|held| (held.schedule, &held.seats));
        let (schedule, seats) = held.unwrap_or((asked.schedule, &asked.seats));
        for (index, &seat) in seats.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(group.between.as_bytes());
            }
            let one = Asked { schedule, seats: vec![seat], reservation: 0, ..asked.clone() };
            self.fill(&group.each, &Said { asked: one, ..said.clone() }, names, place, out);
        }
    }

    fn value(&self, blank: Blank, said: &Said<'_>, names: &Names) -> String {
        let asked = &said.asked;
        let held = names.held(asked.reservation);
        let (schedule, seats) = held.map_or((asked.schedule, &asked.seats), |held| (held.schedule, &held.seats));
        let seat = seats.first().copied().unwrap_or(0);
        match blank {
            Blank::User => names.user(self.within_run(asked.user)).map_or_else(|| self.user(asked.user), str::to_owned),
            Blank::Token => said.token.to_owned(),
            Blank::Schedule => names.date(schedule).unwrap_or_else(|| schedule.to_string()),
            Blank::Seat => {
                names.seat(schedule, seat).or_else(|| names.seat_of_another(seat)).unwrap_or_else(|| seat.to_string())
            }
            Blank::Reservation => names.text(asked.reservation).unwrap_or_else(|| asked.reservation.to_string()),
            // Whoever pays may name another price than the seat's, to see what comes of it.
            Blank::Amount => match held.filter(|_| asked.amount == 0) {
                Some(held) => held.price,
                None if seat > 0 && asked.amount == 0 => names.price_of(schedule, seats).unwrap_or(0),
                None => asked.amount,
            }
            .to_string(),
            Blank::Key => said.key.to_owned(),
            Blank::Entry => said.entry.clone().unwrap_or_default(),
            Blank::N | Blank::Seats => String::new(),
        }
    }

    /// What the service calls a user.
    fn user(&self, user: u64) -> String {
        let number = self.user_number(user).to_string();
        let pieces = self.profile.users.form.pieces().iter();
        pieces
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Blank(_) => number.as_str(),
            })
            .collect()
    }
}

fn escape(text: &str, place: Place, out: &mut Vec<u8>) {
    match place {
        Place::Path => {
            for &byte in text.as_bytes() {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(byte);
                } else {
                    out.extend_from_slice(format!("%{byte:02X}").as_bytes());
                }
            }
        }
        // A line's end would begin another header.
        Place::Header => out.extend(text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n'))),
        Place::Body => {
            let quoted = serde_json::Value::from(text).to_string();
            out.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
        }
    }
}
