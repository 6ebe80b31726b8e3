//! From which address a client comes, where proxies stand in between.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::error::BuildError;

/// Whom the program trusts to say for whom it asks, and where that is said.
#[derive(Debug)]
pub(crate) struct Proxies {
    trusted: Vec<Network>,
    /// Also what comes by a socket without an address, such as a Unix socket.
    unix: bool,
    header: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl Proxies {
    /// # Errors
    /// Names the first entry that is not an address or a network.
    pub(crate) fn new(trusted: &[String], header: &str) -> Result<Self, BuildError> {
        let addresses = trusted.iter().filter(|text| text.trim() != "unix");
        let addresses = addresses
            .map(|text| Network::parse(text.trim()).ok_or_else(|| BuildError::Proxy(text.clone())));
        Ok(Self {
            trusted: addresses.collect::<Result<_, _>>()?,
            unix: trusted.iter().any(|text| text.trim() == "unix"),
            header: header.trim().to_ascii_lowercase(),
        })
    }

    /// The client's address: the peer's, or where the peer is trusted, the last one in the header
    /// that is not itself a trusted proxy's. `unix`: it came by a socket without an address.
    pub(crate) fn client(
        &self,
        peer: Option<SocketAddr>,
        unix: bool,
        headers: &HeaderMap,
    ) -> Option<SocketAddr> {
        let trusted = peer.map_or(unix && self.unix, |peer| self.trusts(peer.ip()));
        if !trusted {
            return peer;
        }
        let values: Vec<_> = headers.get_all(&*self.header).iter().collect();
        let values = values.iter().rev().filter_map(|value| value.to_str().ok());
        let mut client = peer;
        for entry in values.flat_map(|value| value.split(',').rev()) {
            // What says nothing, says nothing of those before it either.
            let Some(address) = self.address(entry) else {
                break;
            };
            client = Some(address);
            if !self.trusts(address.ip()) {
                break;
            }
        }
        client
    }

    fn address(&self, entry: &str) -> Option<SocketAddr> {
        let entry = if self.header == "forwarded" {
            let mut pairs = entry.split(';').filter_map(|pair| pair.split_once('='));
            let (_, named) = pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case("for"))?;
            named.trim().trim_matches('"')
        } else {
            entry.trim()
        };
        let bare = || {
            let inner = entry
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            inner.unwrap_or(entry).parse().ok()
        };
        let whole = entry.parse().ok();
        whole.or_else(|| bare().map(|address: IpAddr| SocketAddr::new(address, 0)))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.holds(address))
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differs = own.to_bits() ^ other.to_bits();
                differs.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differs = own.to_bits() ^ other.to_bits();
                differs.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// What counts as one address: of IPv6 the network that a customer is given.
pub(crate) fn crowd(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(network.into())
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], header: &str, peer: &str, values: &[&str]) -> String {
        let trusted: Vec<_> = trusted.iter().map(ToString::to_string).collect();
        let proxies = Proxies::new(&trusted, header).unwrap();
        let mut headers = HeaderMap::new();
        for value in values {
            let name = http::HeaderName::try_from(header.to_ascii_lowercase()).unwrap();
            headers.append(name, value.parse().unwrap());
        }
        let peer = peer.parse().ok();
        let found = proxies.client(peer, peer.is_none(), &headers);
        found.map_or_else(|| "unknown".to_owned(), |found| found.ip().to_string())
    }

    #[test]
    fn a_header_counts_where_a_trusted_proxy_sends_it() {
        let list = "X-Forwarded-For";
        for (trusted, header, peer, values, expected) in [
            (&[][..], list, "10.0.0.1:1", &["1.1.1.1"][..], "10.0.0.1"),
            (&["10.0.0.1"], list, "10.0.0.1:1", &["1.1.1.1"], "1.1.1.1"),
            (&["10.0.0.0/8"], list, "10.9.9.9:1", &["1.1.1.1"], "1.1.1.1"),
            (
                &["10.0.0.0/8"],
                list,
                "11.0.0.1:1",
                &["1.1.1.1"],
                "11.0.0.1",
            ),
            (&["0.0.0.0/0"], list, "11.0.0.1:1", &["1.1.1.1"], "1.1.1.1"),
            // What the client itself wrote stands before what the proxy adds.
            (
                &["10.0.0.1"],
                list,
                "10.0.0.1:1",
                &["6.6.6.6, 1.1.1.1"],
                "1.1.1.1",
            ),
            (
                &["10.0.0.1"],
                list,
                "10.0.0.1:1",
                &["6.6.6.6", "1.1.1.1"],
                "1.1.1.1",
            ),
            // Two proxies, both trusted.
            (
                &["10.0.0.0/8"],
                list,
                "10.0.0.1:1",
                &["6.6.6.6, 1.1.1.1, 10.0.0.2"],
                "1.1.1.1",
            ),
            (
                &["10.0.0.0/8"],
                list,
                "10.0.0.1:1",
                &["6.6.6.6, unknown"],
                "10.0.0.1",
            ),
            (&["10.0.0.0/8"], list, "10.0.0.1:1", &[], "10.0.0.1"),
            (&["::1"], list, "[::1]:1", &["2001:db8::7"], "2001:db8::7"),
            (
                &["::1"],
                list,
                "[::1]:1",
                &["[2001:db8::7]:4711"],
                "2001:db8::7",
            ),
            (
                &["10.0.0.1"],
                list,
                "[::ffff:10.0.0.1]:1",
                &["1.1.1.1:99"],
                "1.1.1.1",
            ),
            (&["unix"], list, "", &["1.1.1.1"], "1.1.1.1"),
            (&["10.0.0.1"], list, "", &["1.1.1.1"], "unknown"),
            (
                &["10.0.0.1"],
                "Forwarded",
                "10.0.0.1:1",
                &["for=6.6.6.6, For=\"[2001:db8::7]:4711\";proto=https"],
                "2001:db8::7",
            ),
            (
                &["10.0.0.1"],
                "CF-Connecting-IP",
                "10.0.0.1:1",
                &["1.1.1.1"],
                "1.1.1.1",
            ),
        ] {
            let found = client(trusted, header, peer, values);
            assert_eq!(found, expected, "{trusted:?} {peer} {values:?}");
        }
    }

    #[test]
    fn what_is_not_a_network_is_named() {
        for text in [
            "",
            "proxy.example",
            "10.0.0.0/33",
            "10.0.0.0/x",
            "::1/129",
            "10.0.0",
        ] {
            let error = Proxies::new(&[text.to_owned()], "x")
                .unwrap_err()
                .to_string();
            assert!(error.contains(&format!("{text:?}")), "{error}");
        }
    }

    #[test]
    fn a_customer_of_ipv6_is_one() {
        let crowd = |text: &str| crowd(text.parse().unwrap());
        assert_eq!(crowd("2001:db8::1"), crowd("2001:db8::ffff:2"));
        assert_ne!(crowd("2001:db8::1"), crowd("2001:db8:0:1::1"));
        assert_ne!(crowd("10.0.0.1"), crowd("10.0.0.2"));
        assert_eq!(crowd("::ffff:10.0.0.1"), crowd("10.0.0.1"));
    }
}
