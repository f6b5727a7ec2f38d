//! A session that is opened again where it was lost.

/// What can be over.
pub trait Ends {
    /// Whether it is over, so that another is needed.
    fn is_ended(&self) -> bool;
}

/// A session with what is known of it.
impl<S: Ends, T> Ends for (S, T) {
    fn is_ended(&self) -> bool {
        self.0.is_ended()
    }
}

/// One session at a time, for as long as it is of use.
#[derive(Debug)]
pub struct Lasting<S> {
    session: Option<S>,
}

impl<S: Ends> Lasting<S> {
    /// The session; what `open` gives and has prepared, if there is none or it is over. The one before goes first: there may be
    /// few to be had.
    ///
    /// # Errors
    /// Those of `open`; the next call tries again.
    pub fn get<E>(&mut self, open: impl FnOnce() -> Result<S, E>) -> Result<&mut S, E> {
        let session = match self.session.take().filter(|session| !session.is_ended()) {
            Some(session) => session,
            None => open()?,
        };
        Ok(self.session.insert(session))
    }

    /// The session as it was left, if one was opened.
    pub fn opened(&self) -> Option<&S> {
        self.session.as_ref()
    }

    /// Ends the session: the next has to be another.
    pub fn end(&mut self) {
        self.session = None;
    }
}

impl<S> Default for Lasting<S> {
    fn default() -> Self {
        Self { session: None }
    }
}

impl<S> From<S> for Lasting<S> {
    fn from(session: S) -> Self {
        Self { session: Some(session) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbered(u32, bool);

    impl Ends for Numbered {
        fn is_ended(&self) -> bool {
            self.1
        }
    }

    #[test]
    fn a_session_lasts_until_it_is_over() {
        let mut lasting = Lasting::default();
        assert_eq!(lasting.get(|| Err("away")).map(|_| ()), Err("away"));
        let open = |number| move || Ok::<_, ()>(Numbered(number, false));
        assert_eq!(lasting.get(open(1)).unwrap().0, 1);
        lasting.get(open(2)).unwrap().1 = true;
        assert_eq!(lasting.opened().map(|session| session.0), Some(1), "nobody has looked");
        assert_eq!(lasting.get(open(3)).unwrap().0, 3);
        lasting.end();
        assert!(lasting.opened().is_none());
        assert_eq!(lasting.get(open(4)).unwrap().0, 4);
    }
}
