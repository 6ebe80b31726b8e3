//! Which pages may connect, and under which names the server is reached. A browser sends a user's
//! cookies along with whatever page asks, so a foreign page would act in the user's name; and a page
//! whose name its owner has pointed at this machine would pass for the server's own.

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use url::Host;

use crate::error::BuildError;

/// What the program lists, read once.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    any: bool,
    origins: Vec<Listed>,
    hosts: Vec<Authority>,
    /// Whether it was said that any page comes in with its user's cookies.
    warned: AtomicBool,
}

#[derive(Debug)]
enum Listed {
    Origin(Origin),
    /// What pages without a host of their own send, compared as it stands.
    Opaque(&'static str),
}

const OPAQUE: [&str; 2] = ["null", "file://"];

/// Why a request does not come in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// The page is another origin's.
    Origin,
    /// The server is not reached under that name.
    Host,
}

/// What is held against the lists.
#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) origin: Option<&'a str>,
    pub(crate) host: &'a Authority,
    /// Where the server listens, where that is known.
    pub(crate) local: Option<SocketAddr>,
    pub(crate) cookies: bool,
}

impl Pages {
    /// # Errors
    /// Names the first entry that is not an origin, or not a host.
    pub(crate) fn new(origins: &[String], hosts: &[String]) -> Result<Self, BuildError> {
        let any = origins.iter().any(|origin| origin.trim() == "*");
        let listed = origins.iter().filter(|origin| origin.trim() != "*");
        let listed = listed
            .map(|text| Listed::parse(text.trim()).ok_or_else(|| BuildError::Origin(text.clone())));
        let hosts = hosts
            .iter()
            .map(|text| named(text.trim()).ok_or_else(|| BuildError::Host(text.clone())));
        Ok(Self {
            any,
            origins: listed.collect::<Result<_, _>>()?,
            hosts: hosts.collect::<Result<_, _>>()?,
            warned: AtomicBool::new(false),
        })
    }

    /// Whether a request may come in.
    pub(crate) fn check(&self, visit: &Visit<'_>) -> Result<(), Foreign> {
        if !self.is_reached_as(visit.host, visit.local) {
            return Err(Foreign::Host);
        }
        let Some(text) = visit.origin else {
            return Ok(());
        };
        let origin = Origin::parse(text);
        if origin.as_ref().is_some_and(|o| o.is_of(visit.host)) || self.lists(text, origin.as_ref())
        {
            return Ok(());
        }
        if !self.any {
            return Err(Foreign::Origin);
        }
        if visit.cookies && !self.warned.swap(true, Relaxed) {
            tracing::warn!(
                "pages of any origin may connect, as `*` says, and one came with its user's cookies: \
                 where cookies say who a user is, every page acts in the user's name. List the origins"
            );
        }
        Ok(())
    }

    fn lists(&self, text: &str, origin: Option<&Origin>) -> bool {
        self.origins.iter().any(|listed| match listed {
            Listed::Origin(listed) => origin == Some(listed),
            Listed::Opaque(listed) => *listed == text,
        })
    }

    /// Whether the server is to be reached under that name. Where none is listed, a server on a
    /// loopback address has no other than loopback's: a foreign name with the server's own port is
    /// what a browser sends that a rebound name has led here, while a proxy on the same machine
    /// passes on a name with the proxy's port.
    fn is_reached_as(&self, host: &Authority, local: Option<SocketAddr>) -> bool {
        if !self.hosts.is_empty() {
            return self.hosts.iter().any(|listed| listed.takes(host));
        }
        let Some(local) = local.filter(|local| local.ip().to_canonical().is_loopback()) else {
            return true;
        };
        let is_own_port = match host.port {
            Some(port) => port == local.port(),
            None => matches!(local.port(), 80 | 443),
        };
        host.is_loopback() || !is_own_port
    }
}

/// The host that a text of the program's names; URLs allow an asterisk, which would stand for itself.
fn named(text: &str) -> Option<Authority> {
    Authority::parse(text).filter(|_| !text.contains('*'))
}

impl Listed {
    fn parse(text: &str) -> Option<Self> {
        if let Some(opaque) = OPAQUE.iter().find(|opaque| **opaque == text) {
            return Some(Self::Opaque(opaque));
        }
        // A page is never loaded by a WebSocket's scheme.
        Origin::parse(text)
            .filter(|origin| !matches!(&*origin.scheme, "ws" | "wss") && !text.contains('*'))
            .map(Self::Origin)
    }
}

/// Where a page comes from, as URLs compare it.
#[derive(Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    name: Host<String>,
    port: Option<u16>,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(is_part) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let Authority { name, port } = Authority::parse(rest.strip_suffix('/').unwrap_or(rest))?;
        let port = port.or(match &*scheme {
            "http" | "ws" => Some(80),
            "https" | "wss" => Some(443),
            _ => None,
        });
        Some(Self { scheme, name, port })
    }

    /// Whether it is that host's. The scheme is not compared: behind a proxy that ends TLS the
    /// server does not know its own. Many proxies pass on the name alone, which then decides.
    fn is_of(&self, host: &Authority) -> bool {
        matches!(&*self.scheme, "http" | "https")
            && self.name == host.name
            && host.port.is_none_or(|port| self.port == Some(port))
    }
}

/// A name or address with or without a port: what `Host` holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authority {
    name: Host<String>,
    port: Option<u16>,
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Authority {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let split = match text.rfind(']') {
            Some(end) => text.split_at(end + 1),
            None => text.split_at(text.find(':').unwrap_or(text.len())),
        };
        let (name, port) = split;
        let port = match port.strip_prefix(':') {
            // A colon and nothing behind it says as much as no colon.
            Some("") => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?)
            }
            None if port.is_empty() => None,
            _ => return None,
        };
        // Without its root a name is the same; an empty one is not a name.
        let name = match Host::parse(name).ok()? {
            Host::Domain(name) => match name.strip_suffix('.').unwrap_or(&name) {
                "" => return None,
                name => Host::Domain(name.to_owned()),
            },
            address @ (Host::Ipv4(_) | Host::Ipv6(_)) => address,
        };
        Some(Self { name, port })
    }

    /// Whether a request for that one is meant for this one, from the program's list.
    fn takes(&self, other: &Self) -> bool {
        let ports = self.port.zip(other.port);
        self.name == other.name && ports.is_none_or(|(own, other)| own == other)
    }

    fn is_loopback(&self) -> bool {
        match &self.name {
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.to_canonical().is_loopback(),
        }
    }
}

#[cfg(test)]
mod tests;
