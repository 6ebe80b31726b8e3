use super::*;

fn host(text: &str) -> Authority {
    Authority::parse(text).unwrap()
}

fn pages(origins: &[&str], hosts: &[&str]) -> Pages {
    let owned = |list: &[&str]| -> Vec<_> { list.iter().map(ToString::to_string).collect() };
    Pages::new(&owned(origins), &owned(hosts)).unwrap()
}

fn comes_in(pages: &Pages, origin: Option<&str>, at: &str) -> Result<(), Foreign> {
    pages.check(&Visit {
        origin,
        host: &host(at),
        local: None,
        cookies: false,
    })
}

#[test]
fn an_origin_is_compared_to_the_host_as_urls_are() {
    for (origin, at, ok) in [
        ("https://a.example", "a.example", true),
        ("http://A.example:8080", "a.EXAMPLE:8080", true),
        ("https://a.example", "a.example:443", true),
        ("http://a.example", "a.example:80", true),
        ("https://a.example:443", "a.example:443", true),
        ("https://a.example:443", "a.example:0443", true),
        ("HTTPS://a.example", "a.example:", true),
        ("https://a.example.", "a.example", true),
        ("https://a.example", "a.example.:443", true),
        ("https://a.example/", "a.example", true),
        // A proxy has dropped the port.
        ("https://a.example:8443", "a.example", true),
        ("https://b\u{fc}cher.example", "xn--bcher-kva.example", true),
        ("https://xn--bcher-kva.example", "B\u{dc}CHER.example", true),
        ("http://[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", true),
        ("http://[0:0::1]", "[::1]", true),
        ("http://127.0.0.1", "127.1", true),
        ("http://my_service:80", "my_service", true),
        ("https://a.example", "a.example:80", false),
        ("http://a.example", "a.example:443", false),
        ("https://a.example", "a.example:8080", false),
        ("https://a.example:8080", "a.example:8081", false),
        ("https://a.example.evil", "a.example", false),
        ("https://evil.a.example", "a.example", false),
        ("https://a.example@evil.example", "a.example", false),
        ("https://evil.example@a.example", "a.example", false),
        ("https://a.example/path", "a.example", false),
        ("https://a.example?", "a.example", false),
        ("https://a.example#", "a.example", false),
        ("https:a.example", "a.example", false),
        ("chrome-extension://a.example", "a.example", false),
        ("a.example", "a.example", false),
        ("null", "null", false),
        ("", "a.example", false),
        ("https://", "a.example", false),
        ("https://a.example:99999", "a.example", false),
        ("https://a.example:+443", "a.example", false),
        ("https://a.example https://a.example", "a.example", false),
    ] {
        let found = comes_in(&pages(&[], &[]), Some(origin), at);
        assert_eq!(found.is_ok(), ok, "{origin} at {at}");
    }
    assert_eq!(comes_in(&pages(&[], &[]), None, "a.example"), Ok(()));
}

#[test]
fn a_listed_origin_is_compared_as_urls_are() {
    for (listed, origin, ok) in [
        ("https://b.example", "https://b.example", true),
        ("https://b.example:443/", "https://b.example", true),
        (" HTTPS://B.example. ", "https://b.example", true),
        (
            "https://b\u{fc}cher.example",
            "https://xn--bcher-kva.example",
            true,
        ),
        ("http://[0::1]:3000", "http://[::1]:3000", true),
        ("capacitor://localhost", "capacitor://localhost", true),
        (
            "chrome-extension://abcdef",
            "chrome-extension://ABCDEF",
            true,
        ),
        ("null", "null", true),
        ("file://", "file://", true),
        ("*", "https://b.example", true),
        ("*", "null", true),
        ("https://b.example", "http://b.example", false),
        ("https://b.example", "https://b.example:8443", false),
        ("https://b.example", "https://c.b.example", false),
        ("null", "file://", false),
    ] {
        let found = comes_in(&pages(&[listed], &[]), Some(origin), "a.example");
        assert_eq!(found.is_ok(), ok, "{origin} by {listed}");
    }
}

#[test]
fn what_is_not_an_origin_or_not_a_host_is_named() {
    for text in [
        "",
        "b.example",
        "b.example:443",
        "https://",
        "https://b.example/app",
        "https://b.example?x",
        "https://user@b.example",
        "https://b.example:port",
        "https://b.example:65536",
        "https://*.b.example",
        "https://b.example, https://c.example",
        "wss://b.example",
        "//b.example",
        "https://[::1",
        "Null",
    ] {
        let error = Pages::new(&["https://a.example".to_owned(), text.to_owned()], &[]);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
    for text in [
        "",
        "https://a.example",
        "a/b",
        "u@a",
        "a:b",
        "*",
        "a b",
        "::1",
    ] {
        let error = Pages::new(&[], &[text.to_owned()]).unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
}

#[test]
fn a_server_on_loopback_is_reached_by_loopbacks_names() {
    let pages = pages(&[], &[]);
    for (local, at, ok) in [
        ("127.0.0.1:8080", "localhost:8080", true),
        ("127.0.0.1:8080", "LOCALHOST.:8080", true),
        ("127.0.0.1:8080", "app.localhost:8080", true),
        ("127.0.0.1:8080", "127.0.0.1:8080", true),
        ("127.0.0.1:8080", "127.9.9.9:8080", true),
        ("127.0.0.1:8080", "[::1]:8080", true),
        ("[::1]:8080", "[::1]:8080", true),
        ("[::1]:8080", "localhost:8080", true),
        ("127.0.0.1:8080", "evil.example:8080", false),
        ("127.0.0.1:8080", "localhost.evil.example:8080", false),
        ("127.0.0.1:8080", "0.0.0.0:8080", false),
        ("[::1]:8080", "evil.example:8080", false),
        ("[::ffff:127.0.0.1]:8080", "evil.example:8080", false),
        ("127.0.0.1:80", "evil.example", false),
        ("127.0.0.1:443", "evil.example", false),
        ("127.0.0.1:80", "evil.example:80", false),
        // What a proxy on the same machine passes on.
        ("127.0.0.1:8080", "app.example", true),
        ("127.0.0.1:8080", "app.example:443", true),
        ("127.0.0.1:80", "app.example:443", true),
        // A server for everybody.
        ("0.0.0.0:8080", "app.example:8080", true),
        ("192.0.2.1:8080", "app.example:8080", true),
    ] {
        let found = pages.check(&Visit {
            origin: Some(&format!("http://{at}")),
            host: &host(at),
            local: Some(local.parse().unwrap()),
            cookies: false,
        });
        assert_eq!(found.is_ok(), ok, "{at} on {local}: {found:?}");
    }
}

#[test]
fn listed_hosts_are_the_only_ones() {
    let pages = pages(&[], &["app.example", "other.example:8443"]);
    for (at, ok) in [
        ("app.example", true),
        ("APP.example.:8080", true),
        ("other.example:8443", true),
        ("other.example", true),
        ("other.example:8080", false),
        ("localhost:8080", false),
        ("evil.example", false),
    ] {
        let found = pages.check(&Visit {
            origin: None,
            host: &host(at),
            local: Some("127.0.0.1:8080".parse().unwrap()),
            cookies: false,
        });
        let expected = if ok { Ok(()) } else { Err(Foreign::Host) };
        assert_eq!(found, expected, "{at}");
    }
}
