//! The pages behind a problem's `type`.

use axum::extract::Path;

use super::html;
use crate::answer::Done;
use crate::problem::{self, Code, Problem};

pub(super) async fn index() -> Done {
    Ok(html::page(problem::index()))
}

pub(super) async fn page(Path(name): Path<String>) -> Done {
    let code = Code::by_page(&name).ok_or(Problem::new(Code::NotFound))?;
    Ok(html::page(problem::page(code)))
}
