use std::io::Write as _;

use onsale_node::Overrides;

use super::*;

fn flags(pairs: &[(&str, &str)]) -> Sources {
    let flags = pairs.iter().map(|(key, value)| ("--set", (*key).to_owned(), (*value).to_owned()));
    Sources { flags: flags.collect(), ..Sources::default() }
}

fn file(text: &str) -> (tempfile::NamedTempFile, Sources) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("it can be written");
    let sources = Sources { file: Some(file.path().to_owned()), ..Sources::default() };
    (file, sources)
}

fn problems(sources: &Sources) -> Vec<String> {
    Config::load(sources).expect_err("it should be refused").0
}

#[test]
fn the_defaults_are_those_of_the_engine() {
    let layers = Layers::gather(&Sources::default()).expect("the defaults are sound");
    assert_eq!(sections::settings(&mut Reader::new(&layers)), onsale_domain::settings::Settings::default());
    let config = Config::from_layers(&layers).expect("the defaults are sound");
    assert_eq!(config.overrides, Overrides::default(), "nobody gave anything");
}

#[test]
fn later_sources_rule_over_earlier_ones() {
    let (_file, mut sources) = file("[queue]\nactive_limit = 10\nsession_ttl = \"1h30m\"\nwaiting_ttl = \"2s\"\n");
    sources.environment = vec![
        ("ONSALE_QUEUE__ACTIVE_LIMIT".into(), "20".into()),
        ("ONSALE_QUEUE__WAITING_TTL".into(), "500ms".into()),
        ("ONSALE_CONFIG".into(), "elsewhere.toml".into()),
        ("HOME".into(), "/".into()),
    ];
    sources.flags = vec![("--set", "queue.active_limit".into(), "30".into())];
    let config = Config::load(&sources).expect("it is sound");
    let expected = Overrides {
        active_limit: Some(30),
        waiting_ttl_ms: Some(500),
        session_ttl_ms: Some(5_400_000),
        ..Overrides::default()
    };
    assert_eq!(config.overrides, expected);
}

#[test]
fn a_default_that_is_given_is_given() {
    let config = Config::load(&flags(&[("queue.admit_per_second", "none")])).expect("it is sound");
    assert_eq!(config.overrides, Overrides { admit_per_second: Some(None), ..Overrides::default() });
}

#[test]
fn every_wrong_value_is_named_with_its_key_and_origin() {
    let check = |key: &str, value: &str, expected: &str| {
        assert_eq!(problems(&flags(&[(key, value)])), [format!("{expected} (from --set)")]);
    };
    let whole = "must be a whole number between 1 and 4294967295, but is";
    check("queue.active_limit", "0", &format!("queue.active_limit {whole} \"0\""));
    check("queue.active_limit", "many", &format!("queue.active_limit {whole} \"many\""));
    check("queue.admit_per_second", "0", &format!("queue.admit_per_second {whole} \"0\"; \"none\" for no limit"));
    check("queue.waiting_grace", "0s", "queue.waiting_grace must be at least 1ms, but is \"0s\"");
    check("queue.session_max", "99ms", "queue.session_max must be 0s, or at least 100ms");
    check("queue.session_idle", "99ms", "queue.session_idle must be 0s, or at least 100ms");
    check("queue.proof_bits", "25", "queue.proof_bits must be a whole number between 0 and 24, but is \"25\"");
    check(
        "queue.network_places",
        "-1",
        "queue.network_places must be a whole number between 0 and 4294967295, but is \"-1\"",
    );
    check("queue.waiting_ttl", "99ms", "queue.waiting_ttl must be at least 100ms, but is \"99ms\"");
    check(
        "queue.session_ttl",
        "600",
        "queue.session_ttl must be a duration such as 500ms, 2s, 10m or 1h30m, but is \"600\"",
    );
    check("hold.ttl", "-5m", "hold.ttl must be a duration such as 500ms, 2s, 10m or 1h30m, but is \"-5m\"");
    check("hold.ttl", "9000h", "hold.ttl must be at most 366 days, but is \"9000h\"");
    check("listen", "8080", "listen must be an address and a port such as 127.0.0.1:8080, but is \"8080\"");
    check("data", "", "data must not be empty");
    check("tls.cert", "a.pem", "tls.cert is given without tls.key");
    check("tls.key", "a.pem", "tls.key is given without tls.cert");
    check("token.key", "short", "token.key is too short: the secret has 5 bytes; it needs at least 32");
    check("admin.key", "short", "admin.key is too short: the secret has 5 bytes; it needs at least 32");
    check("access.users", "closed", "access.users must be open or signed, but is \"closed\"");
    check("access.charge", "shop", "access.charge must be open, operator or off, but is \"shop\"");
    check("webhooks.private", "yes", "webhooks.private must be refuse or allow, but is \"yes\"");
    check("webhooks.retry_for", "0s", "webhooks.retry_for must be at least 1s, but is \"0s\"");
    check("page.color", "red", "page.color must be a colour such as \"#7a1f4b\", but is \"red\"");
    check("page.color", "#+1f4b0", "page.color must be a colour such as \"#7a1f4b\", but is \"#+1f4b0\"");
    let pale =
        "page.color is too light for the white words on it: their contrast is 1.1, and must be 4.5; it is \"#ffff00\"";
    check("page.color", "#ffff00", pale);
    check("page.join", "no", "page.join must be on or off, but is \"no\"");
    check(
        "page.return",
        "shop.example",
        "page.return must be an address such as https://shop.example/, but has \"shop.example\"",
    );
    for script in ["javascript:alert(1)", "https://you@shop.example/", "/tickets"] {
        let expected = format!("page.imprint must be an address such as https://shop.example/, but has {script:?}");
        check("page.imprint", script, &expected);
    }
    let title = "page.title must be a name of at most 40 characters that can be seen, but is \" Moon\"";
    check("page.title", " Moon", title);
    let line = "page.ticket_ko must be a line of at most 200 characters that can be seen, but is \"a\\nb\"";
    check("page.ticket_ko", "a\nb", line);
    let same = "a".repeat(32);
    for key in ["admin.key", "token.key"] {
        check(key, &same, &format!("{key} can be guessed: it has fewer than 8 different characters"));
        for space in ['\n', '\r', '\t', ' '] {
            let spaced = format!("0123456789abcdef0123456789abcdef{space}");
            check(key, &spaced, &format!("{key} must have neither spaces nor line ends: no header can carry them"));
        }
    }
    check("store.currency", "won", "store.currency must be three capital letters such as KRW, but is \"won\"");
    for none in ["XXX", "XTS", "BTC"] {
        let expected =
            format!("store.currency must be a currency of ISO 4217 that is in use, such as KRW, but is {none:?}");
        check("store.currency", none, &expected);
    }
    check("log.format", "xml", "log.format must be text or json, but is \"xml\"");
    check(
        "overload.pending_max",
        "0",
        "overload.pending_max must be a whole number between 1 and 1048576, but is \"0\"",
    );
}

#[test]
fn one_store_is_named_and_not_two() {
    let environment = vec![("ONSALE_STORE__URL".to_owned(), "postgres://onsale@db/onsale".to_owned())];
    let named = Sources { environment, ..flags(&[("data", "here")]) };
    let expected = "store.url names a database, and --data a directory: leave one of them out (from the environment variable \
                    ONSALE_STORE__URL)";
    assert_eq!(problems(&named), [expected]);
    // What a file or the default says of the directory is not what this start is about.
    let environment = named.environment.clone();
    assert!(Config::load(&Sources { environment, ..Sources::default() }).is_ok());
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_known() {
    let check = |key: &str, expected: &str| assert_eq!(problems(&flags(&[(key, "1")])), [expected]);
    check("queue.activ_limit", "unknown key queue.activ_limit (from --set); did you mean queue.active_limit?");
    check("active_limit", "unknown key active_limit (from --set); did you mean queue.active_limit?");
    check("zzz", "unknown key zzz (from --set); onsale config lists all keys");
    let environment = vec![("ONSALE_QUEUE_ACTIVE_LIMIT".to_owned(), "1".to_owned())];
    assert_eq!(
        problems(&Sources { environment, ..Sources::default() }),
        ["unknown key queue_active_limit (from the environment variable ONSALE_QUEUE_ACTIVE_LIMIT); \
          did you mean queue.active_limit?"]
    );
    let (file, sources) = file("[hold]\nttll = \"5m\"\n");
    let expected = format!("unknown key hold.ttll (from {}); did you mean hold.ttl?", file.path().display());
    assert_eq!(problems(&sources), [expected]);
}

#[test]
fn a_file_that_is_no_toml_is_named_by_its_line_and_not_quoted() {
    let (_file, sources) = file("listen = \"127.0.0.1:0\"\n[admin]\nkey = top secret\n");
    let problem = &problems(&sources)[0];
    assert!(problem.contains(": line 3: "), "{problem}");
    assert!(!problem.contains("top secret"), "{problem}");
}

#[test]
fn all_problems_are_named_at_once() {
    let found = problems(&flags(&[("hold.ttl", "soon"), ("queue.active_limit", "0")]));
    assert_eq!(found.len(), 2, "{found:?}");
    let text = Error(found).to_string();
    assert!(text.starts_with("the configuration cannot be used:\n  hold.ttl must be"), "{text}");
}

#[test]
fn what_rules_is_shown_without_secrets() {
    let sources = flags(&[("admin.key", "0123456789abcdef0123456789abcdef"), ("hold.ttl", "7m")]);
    let shown = effective(&Layers::gather(&sources).expect("the keys are known"));
    assert!(shown.contains("hold.ttl = \"7m\"  # from --set\n"), "{shown}");
    assert!(shown.contains("admin.key = \"(secret)\"  # from --set\n"), "{shown}");
    assert!(shown.contains("token.key = \"\"  # default\n"), "{shown}");
    assert!(!shown.contains("0123456789"), "{shown}");
}

#[test]
fn what_kubernetes_says_of_services_is_passed_over_and_typos_are_not() {
    let load = |name: &str, value: &str| {
        Config::load(&Sources { environment: vec![(name.to_owned(), value.to_owned())], ..Sources::default() }).is_ok()
    };
    for (name, value) in [
        ("ONSALE_SERVICE_HOST", "10.0.0.1"),
        ("ONSALE_SERVICE_PORT", "8080"),
        ("ONSALE_SERVICE_PORT_HTTP", "8080"),
        ("ONSALE_PORT", "tcp://10.0.0.1:8080"),
        ("ONSALE_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("ONSALE_PORT_8080_TCP_PROTO", "tcp"),
        ("ONSALE_PORT_8080_TCP_PORT", "8080"),
        ("ONSALE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("ONSALE_ADMIN_SERVICE_HOST", "fd00::1"),
        ("ONSALE_ADMIN_PORT", "tcp://10.0.0.1:8081"),
        ("ONSALE_ADMIN_PORT_8081_UDP_ADDR", "10.0.0.1"),
    ] {
        assert!(load(name, value), "{name}={value}");
    }
    for (name, value) in [
        ("ONSALE_PORT", "8080"),
        ("ONSALE_LISTEN_PORT", "8080"),
        ("ONSALE_SERVICE_HOST", "onsale.example"),
        ("ONSALE_HTTP__PORT", "tcp://10.0.0.1:8080"),
        ("ONSALE_ADMIN_KEY", "0123456789abcdef0123456789abcdef"),
    ] {
        assert!(!load(name, value), "{name}={value}");
    }
}

#[test]
fn a_file_without_an_end_is_no_configuration() {
    let endless = Sources { file: Some("/dev/zero".into()), ..Sources::default() };
    assert!(problems(&endless)[0].contains("/dev/zero: it is larger than"), "{:?}", problems(&endless));
}

#[test]
fn a_service_for_others_is_not_opened_without_a_word() {
    let check = |pairs: &[(&str, &str)], demo: bool| {
        let config = Config::load(&flags(pairs)).expect("it is sound");
        config.access.check_said(config.listen, demo).map_err(|Error(problems)| problems)
    };
    let street = ("listen", "0.0.0.0:8080");
    let keys = |found: Result<(), Vec<String>>| {
        let problems = found.err().unwrap_or_default();
        problems.iter().map(|problem| problem.split(' ').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(check(&[street], false)), ["access.users", "access.charge"]);
    assert_eq!(keys(check(&[street, ("access.users", "open")], false)), ["access.charge"]);
    assert_eq!(keys(check(&[("listen", "[::]:80"), ("access.charge", "off")], false)), ["access.users"]);
    for (pairs, demo) in [
        (&[street, ("access.users", "open"), ("access.charge", "open")] as &[_], false),
        (&[street], true),
        (&[("listen", "127.0.0.1:80")], false),
        (&[("listen", "[::1]:80")], false),
    ] {
        assert_eq!(check(pairs, demo), Ok(()), "{pairs:?}");
    }
}

#[test]
fn whoever_cannot_join_at_the_page_is_sent_somewhere() {
    let off = problems(&flags(&[("page.join", "off")]));
    assert!(off[0].starts_with("page.return must be given where page.join is off"), "{off:?}");
    let both = [("page.join", "off"), ("page.return", "https://shop.example/, https://www.shop.example/tickets")];
    let page = Config::load(&flags(&both)).expect("it is sound").page;
    assert_eq!(page.returns, ["https://shop.example/", "https://www.shop.example/tickets"]);
    let page =
        Config::load(&flags(&[("page.title", "달빛 티켓"), ("page.color", "#7A1F4B")])).expect("it is sound").page;
    assert_eq!(
        (page.title.as_deref(), page.color.as_deref(), page.join_open),
        (Some("달빛 티켓"), Some("#7a1f4b"), true)
    );
}

#[test]
fn a_logo_is_a_small_picture_with_a_name_beside_it() {
    let directory = tempfile::tempdir().expect("there is room");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let write = |name: &str, bytes: &[u8]| std::fs::write(path(name), bytes).expect("it can be written");
    write("logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    write("large.png", &[0; 70_000]);
    let given = |logo: &str| flags(&[("page.title", "Moon"), ("page.logo", &path(logo)), ("page.welcome_en", "Hello")]);
    let page = Config::load(&given("logo.png")).expect("it is sound").page;
    assert_eq!((page.logo.is_some(), page.welcome.en.as_deref(), page.welcome.ko), (true, Some("Hello"), None));
    for (logo, what) in [
        ("none.png", "page.logo cannot be read"),
        ("logo.svg", "page.logo must be a picture in PNG or WebP"),
        ("large.png", "page.logo must have at most 65536 bytes"),
    ] {
        let problems = problems(&given(logo));
        assert!(problems.len() == 1 && problems[0].starts_with(what) && problems[0].contains(logo), "{problems:?}");
    }
    let unnamed = problems(&flags(&[("page.logo", &path("logo.png"))]));
    assert!(unnamed[0].starts_with("page.title must be given with page.logo"), "{unnamed:?}");
}

#[test]
fn keys_of_entry_tokens_come_from_where_nobody_is_between() {
    let signed = [("access.users", "signed"), ("entry.issuer", "shop"), ("entry.audience", "tickets")];
    for keys in [
        "keys.json",
        "https://shop.example/jwks",
        "http://127.0.0.1:8000/jwks",
        "http://[::1]/jwks",
        "http://localhost",
    ] {
        let pairs = [&signed as &[_], &[("entry.keys", keys)]].concat();
        assert!(Config::load(&flags(&pairs)).is_ok(), "{keys}");
    }
    for keys in
        ["http://shop.example/jwks", "http://127.0.0.1.example/jwks", "http://localhost@shop.example/", "http://"]
    {
        let pairs = [&signed as &[_], &[("entry.keys", keys)]].concat();
        assert!(problems(&flags(&pairs))[0].starts_with("entry.keys must begin with https://"), "{keys}");
    }
}

#[test]
fn traces_go_to_a_collector_that_can_be_called() {
    let traces = |pairs: &[(&str, &str)]| Config::load(&flags(pairs)).expect("it is sound").traces;
    assert!(traces(&[]).is_none());
    for (given, endpoint) in [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://tempo.example/", "https://tempo.example/v1/traces"),
        ("https://tempo.example/otlp/v1/traces", "https://tempo.example/otlp/v1/traces"),
    ] {
        assert_eq!(traces(&[("traces.endpoint", given)]).expect("there are some").endpoint, endpoint);
    }
    for (key, value) in [
        ("traces.endpoint", "127.0.0.1:4318"),
        ("traces.endpoint", "grpc://127.0.0.1:4317"),
        ("traces.endpoint", "https://key@tempo.example"),
        ("traces.endpoint", "https://"),
        ("traces.endpoint", "http://127.0.0.1:99999"),
        ("traces.endpoint", "http://127.0.0.1:0"),
        ("traces.sample", "1.1"),
        ("traces.sample", "NaN"),
        ("traces.sample", "all"),
        ("traces.slow", "1"),
        ("traces.callers", "shop"),
    ] {
        let problems = problems(&flags(&[(key, value)]));
        assert!(problems.len() == 1 && problems[0].starts_with(&format!("{key} must be")), "{problems:?}");
    }
}

#[test]
fn a_sign_in_has_all_that_it_needs_and_contradicts_nothing() {
    let base = [
        ("login.issuer", "https://id.example"),
        ("login.client_id", "onsale"),
        ("login.origin", "https://tickets.example/"),
    ];
    let with = |more: &[(&str, &str)]| flags(&[&base[..], more].concat());
    let config = Config::load(&with(&[("login.roles", "a=b=desk, staff = admin"), ("login.role_claim", "groups")]));
    let config = config.expect("it is sound");
    assert_eq!(config.access.users, Some(UsersDoor::Signed));
    assert!(config.access.entry.is_none());
    let settings = config.login.expect("there is one").settings;
    assert_eq!(settings.buyers.as_deref(), Some("https://tickets.example"));
    let operators = settings.operators.expect("there are some");
    assert_eq!(operators.roles.by_value.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["a=b", "staff"]);
    assert_eq!(operators.origin, "https://tickets.example");
    for (key, more) in [
        ("login.issuer", &[("login.issuer", "http://id.example")] as &[(&str, &str)]),
        ("login.client_id", &[("login.client_id", "")]),
        ("login.client_secret", &[("login.client_secret", "a"), ("login.client_secret_file", "b")]),
        ("login.scopes", &[("login.scopes", "email")]),
        ("login.origin", &[("login.origin", "")]),
        ("login.origin", &[("login.origin", "https://tickets.example/shop")]),
        ("login.origin", &[("login.origin", "http://tickets.example")]),
        ("login.buyers", &[("login.buyers", "off")]),
        ("login.buyers", &[("login.buyers", "yes")]),
        ("login.roles", &[("login.roles", "staff=shop"), ("login.role_claim", "groups")]),
        ("login.operators", &[("login.operators", "kim")]),
        ("login.role_claim", &[("login.roles", "staff=desk")]),
        ("login.role_claim", &[("login.role_claim", "groups")]),
        ("login.admin_origin", &[("login.buyers", "off"), ("login.origin", ""), ("login.operators", "kim=desk")]),
        ("login.session", &[("login.operators", "kim=desk"), ("login.session", "48h")]),
        ("access.users", &[("access.users", "open")]),
        ("page.join", &[("page.join", "off"), ("page.return", "https://shop.example/")]),
        ("entry.keys", &[("entry.issuer", "shop"), ("entry.audience", "tickets")]),
    ] {
        let problems = problems(&with(more));
        assert!(problems.iter().any(|problem| problem.starts_with(key)), "{key}: {problems:?}");
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
