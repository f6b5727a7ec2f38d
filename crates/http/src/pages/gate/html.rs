//! The waiting page: words, a place, and a browser that asks again by itself. No script, so that it works where none runs; but for the work
//! that a queue may ask for, which somebody has to do.

use axum::extract::{Path, State};
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFRESH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue};

use crate::answer::Done;
use crate::app::App;
use crate::assets;
use crate::gate::Site;
use crate::negotiate::{self, Language};
use crate::pages::html::{document_in, escape, page as whole};
use crate::problem::{Code, Problem, Work};
use crate::wire::Place;

/// What somebody is told.
pub(super) enum Told {
    Waiting(Place),
    /// They are let in, or will be: the browser asks again after so long.
    Again {
        after_ms: u64,
    },
    /// Their time is over: they may join anew.
    Over,
    /// The queue takes nobody in, or not now.
    Refused(Problem),
    /// The browser keeps no cookie.
    NoCookie,
    /// They have a link to come in by, at this path.
    Invited(String),
    /// Their link lets nobody in any more.
    LinkOver,
    /// Their address leads nowhere on the site.
    NoAddress,
}

/// How long those wait who are told that they cannot join now, unless the refusal says it.
const REFUSED_MS: u64 = 30_000;
/// What does the work for a place.
const SCRIPT: &str = "gate/work.js";
/// No page says nothing new for longer.
const REFRESH_MS_MAX: u64 = 60_000;

/// The page for a visitor who wants to be at this path of the site.
pub(super) fn page(site: &Site, headers: &HeaderMap, to: &str, told: &Told) -> Response {
    let language = negotiate::language(headers);
    let words = words(language);
    let name = site.look.title.as_deref().unwrap_or_else(|| host(&site.origin));
    let mut main = heading(site, name);
    main.push_str(&inside(language, site, to, told));
    if let Some(welcome) = welcome(site, language) {
        main.push_str(&format!("<p class=\"quiet\">{}</p>\n", escape(welcome)));
    }
    let title = format!("{} · {}", words.title, escape(name));
    let work = work_of(told);
    let again = work.map_or_else(String::new, |_| without_script(&site.waiting_path(to)));
    let head = format!(
        "<link rel=\"stylesheet\" href=\"{}\">\n<meta name=\"robots\" content=\"noindex\">\n{again}</head>",
        site.style_path()
    );
    let document = document_in(language.tag(), &title, &main).replacen("</head>", &head, 1);
    let mut response = whole(document);
    let headers = response.headers_mut();
    let scripts = if work.is_some() { " script-src 'self'; worker-src 'self';" } else { "" };
    let policy = format!(
        "default-src 'none';{scripts} style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {}; \
         frame-ancestors 'none'",
        site.origin
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    if let Some(after_ms) = again_after_ms(told) {
        let seconds = after_ms.min(REFRESH_MS_MAX).div_ceil(1_000).max(1);
        // The address without what it was come by: whoever comes back again is at the beginning.
        let refresh = format!("{seconds}; url={}", site.waiting_path(to));
        headers.extend(HeaderValue::from_str(&refresh).map(|refresh| (REFRESH, refresh)));
    }
    response
}

fn work_of(told: &Told) -> Option<&Work> {
    if let Told::Refused(problem) = told { problem.work() } else { None }
}

/// For the head of a page with a script: what has a browser without any look again.
fn without_script(path: &str) -> String {
    let seconds = REFUSED_MS / 1_000;
    format!("<noscript><meta http-equiv=\"refresh\" content=\"{seconds}; url={}\"></noscript>\n", escape(path))
}

fn again_after_ms(told: &Told) -> Option<u64> {
    match told {
        Told::Waiting(place) => place.poll_after_millis.or(Some(REFRESH_MS_MAX)),
        Told::Again { after_ms } => Some(*after_ms),
        // Who works is not to be interrupted: only where no script runs does the browser look again by itself.
        Told::Refused(problem) if problem.work().is_some() => None,
        Told::Refused(_) => Some(REFUSED_MS),
        Told::Over | Told::NoCookie | Told::NoAddress | Told::Invited(_) | Told::LinkOver => None,
    }
}

fn heading(site: &Site, name: &str) -> String {
    match &site.look.logo {
        Some(logo) => {
            format!("<p><img class=\"logo\" src=\"{}\" alt=\"{}\"></p>\n", escape(&logo.address()), escape(name))
        }
        None => format!("<p class=\"name\">{}</p>\n", escape(name)),
    }
}

fn welcome(site: &Site, language: Language) -> Option<&str> {
    let said = &site.look.welcome;
    let (first, second) = match language {
        Language::En => (&said.en, &said.ko),
        Language::Ko => (&said.ko, &said.en),
    };
    first.as_deref().or(second.as_deref())
}

fn host(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

struct Texts {
    title: &'static str,
    waiting: &'static str,
    by_itself: &'static str,
    not_told: &'static str,
    again: &'static str,
    again_more: &'static str,
    over: &'static str,
    over_more: &'static str,
    join: &'static str,
    refused: &'static str,
    no_cookie: &'static str,
    no_cookie_more: &'static str,
    invited: &'static str,
    invited_more: &'static str,
    come_in: &'static str,
    link_over: &'static str,
    in_line: &'static str,
    no_address: &'static str,
    no_address_more: &'static str,
    to_start: &'static str,
    try_again: &'static str,
    work: &'static str,
    work_more: &'static str,
    /// With `{person}` for the visitor's number.
    work_without: &'static str,
}

fn words(language: Language) -> Texts {
    match language {
        Language::En => Texts {
            title: "Waiting",
            waiting: "You are in line",
            by_itself: "This page asks again by itself, and brings you on as soon as it is your turn. Keep it open.",
            not_told: "You are in. Places are told once the queue opens.",
            again: "One moment",
            again_more: "You will be brought on in a few seconds. If you come back here again and again, allow cookies for the site.",
            over: "Your time is over",
            over_more: "Somebody else has your slot by now. Join again to get another.",
            join: "Join again",
            refused: "Nobody can join now",
            no_cookie: "A cookie is needed",
            no_cookie_more: "Your place in line is kept in a cookie, and your browser keeps none from this page. Allow it, and try again.",
            invited: "You need not wait in line",
            invited_more: "The link that you have lets a few people in, each once.",
            come_in: "Come in",
            link_over: "The link is not good any more",
            in_line: "Join the line",
            no_address: "This address leads nowhere",
            no_address_more: "The link that brought you here is broken. You can still come in by the start page.",
            to_start: "To the start page",
            try_again: "Try again",
            work: "So that programs do not take the places of people, your browser does a little work before you join the line.",
            work_more: "It takes a few seconds, on an old phone up to a minute, and goes on by itself. Keep this page open.",
            work_without: "Where nothing happens, allow JavaScript for this page and try again. Where your device cannot do it, give the site's staff your \
                           number, {person}: they give you a place in line, and this page finds it when you try again.",
        },
        Language::Ko => Texts {
            title: "대기 중",
            waiting: "줄을 서 계십니다",
            by_itself: "이 페이지는 저절로 새로 고쳐지며, 순서가 되면 바로 이동합니다. 페이지를 닫지 마세요.",
            not_told: "접수되었습니다. 순번은 대기열이 열리면 알려 드립니다.",
            again: "잠시만 기다려 주세요",
            again_more: "몇 초 뒤에 이동합니다. 이 페이지로 계속 돌아온다면 해당 사이트의 쿠키를 허용해 주세요.",
            over: "이용 시간이 끝났습니다",
            over_more: "자리가 다음 분에게 넘어갔습니다. 다시 이용하려면 줄을 서 주세요.",
            join: "다시 줄 서기",
            refused: "지금은 줄을 설 수 없습니다",
            no_cookie: "쿠키가 필요합니다",
            no_cookie_more: "순번은 쿠키에 보관되는데, 브라우저가 이 페이지의 쿠키를 저장하지 않습니다. 허용한 뒤 다시 시도해 주세요.",
            invited: "줄을 서지 않으셔도 됩니다",
            invited_more: "받으신 링크로 정해진 인원이 한 번씩 입장할 수 있습니다.",
            come_in: "입장하기",
            link_over: "더 이상 쓸 수 없는 링크입니다",
            in_line: "줄 서기",
            no_address: "잘못된 주소입니다",
            no_address_more: "따라오신 링크가 올바르지 않습니다. 첫 화면으로는 들어가실 수 있습니다.",
            to_start: "첫 화면으로",
            try_again: "다시 시도",
            work: "프로그램이 사람들의 자리를 차지하지 못하도록, 줄을 서기 전에 브라우저가 간단한 계산을 합니다.",
            work_more: "몇 초, 오래된 휴대폰에서는 길어도 1분쯤 걸리며 저절로 이어집니다. 페이지를 닫지 마세요.",
            work_without: "아무 일도 일어나지 않으면 이 페이지의 자바스크립트를 허용한 뒤 다시 시도해 주세요. 기기에서 계산할 수 없다면 사이트 담당자에게 번호 \
                           {person}을(를) 알려 주세요. 담당자가 줄에 자리를 드리며, 다시 시도하면 이 페이지에 나타납니다.",
        },
    }
}

/// What is told, below the name.
fn inside(language: Language, site: &Site, to: &str, told: &Told) -> String {
    let words = words(language);
    let path = escape(&site.waiting_path(to));
    match told {
        Told::Waiting(place) if place.queue_position == 0 => said(words.waiting, &[words.not_told, words.by_itself]),
        Told::Waiting(place) => {
            let place = match language {
                Language::En => place_in_english(place),
                Language::Ko => place_in_korean(place),
            };
            said(words.waiting, &[&place, words.by_itself])
        }
        Told::Again { .. } => said(words.again, &[words.again_more]),
        Told::Over => {
            said(words.over, &[words.over_more])
                + &format!("<form method=\"post\" action=\"{path}\"><button>{}</button></form>\n", words.join)
        }
        Told::Refused(problem) => match problem.work() {
            Some(work) => to_be_done(&words, work, &path),
            None => said(words.refused, &[problem.code().text(language).message, words.by_itself]),
        },
        Told::NoCookie => {
            said(words.no_cookie, &[words.no_cookie_more])
                + &format!("<p><a href=\"{path}\">{}</a></p>\n", words.try_again)
        }
        Told::Invited(link) => {
            let link = escape(link);
            said(words.invited, &[words.invited_more])
                + &format!("<form method=\"post\" action=\"{link}\"><button>{}</button></form>\n", words.come_in)
        }
        Told::LinkOver => {
            said(words.link_over, &[Code::GateLinkOver.text(language).message])
                + &format!("<p><a href=\"{path}\">{}</a></p>\n", words.in_line)
        }
        Told::NoAddress => {
            said(words.no_address, &[words.no_address_more])
                + &format!("<p><a href=\"{path}\">{}</a></p>\n", words.to_start)
        }
    }
}

/// The work for a place, and the script that does it. What to do where it cannot is said to everybody, as nobody knows whose browser stops it.
fn to_be_done(words: &Texts, work: &Work, path: &str) -> String {
    let (challenge, bits, person) = (escape(work.challenge()), work.bits(), escape(work.person().unwrap_or_default()));
    let without = words.work_without.replace("{person}", &format!("<strong id=\"person\">{person}</strong>"));
    said(words.again, &[words.work, words.work_more])
        + &format!(
            "<p>{without}</p>\n<p><a href=\"{path}\">{}</a></p>\n\
             <div id=\"work\" data-challenge=\"{challenge}\" data-bits=\"{bits}\" data-person=\"{person}\" data-next=\"{path}\"></div>\n\
             <script type=\"module\" src=\"{}\"></script>\n",
            words.try_again,
            assets::address_of(SCRIPT)
        )
}

fn said(heading: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("<p>{line}</p>\n")).collect();
    format!("<h1>{heading}</h1>\n<div role=\"status\">\n{lines}</div>\n")
}

fn place_in_english(place: &Place) -> String {
    let position = format!("Your place: <strong>{}</strong>.", place.queue_position);
    match place.estimated_wait_seconds {
        Some(0..60) => format!("{position} It should take less than a minute."),
        Some(seconds) => {
            let minutes = seconds.div_ceil(60);
            format!("{position} It should take about {minutes} {}.", if minutes == 1 { "minute" } else { "minutes" })
        }
        None => position,
    }
}

fn place_in_korean(place: &Place) -> String {
    let position = format!("순번: <strong>{}</strong>번.", place.queue_position);
    match place.estimated_wait_seconds {
        Some(0..60) => format!("{position} 1분 안에 입장하실 것 같습니다."),
        Some(seconds) => format!("{position} 약 {}분 걸릴 것 같습니다.", seconds.div_ceil(60)),
        None => position,
    }
}

/// `GET /gate/{site}/style.css`: the site's colour.
pub(super) async fn style(State(app): State<App>, Path(name): Path<String>) -> Done {
    let site = app.shared.gates.site(&name).ok_or(Problem::new(Code::NotFound))?;
    let color = site.look.color.as_deref().unwrap_or("#4338a8");
    let css = format!(
        "main {{ max-width: 34rem; }}\n.name {{ font-weight: 600; }}\n.logo {{ height: 1.75rem; padding: 0.25rem; background: #fff; }}\n\
         strong {{ font-size: 1.5em; }}\nh1 {{ border-top: 0.4rem solid {color}; padding-top: 1rem; }}\n\
         button {{ padding: 0.7rem 1.2rem; border: 0; border-radius: 6px; background: {color}; color: #fff; font: inherit; }}\n"
    );
    let mut response = Response::new(axum::body::Body::from(css));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}
