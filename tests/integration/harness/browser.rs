//! A browser without a screen: cookies, forms, redirects by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use super::page::Page;

/// A user's browser. It follows no redirect by itself, and keeps the cookies of each host apart. A
/// clone has cookies of its own, and the same connections.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    console: Url,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn new(console: &Url) -> Self {
        Self {
            client: client(false),
            console: console.clone(),
            cookies: BTreeMap::new(),
        }
    }

    /// The same over HTTP/1.1, where the host is a header that can be made up.
    pub(crate) fn with_http1(mut self) -> Self {
        self.client = client(true);
        self
    }

    /// The same browser in front of another console.
    pub(crate) fn moved_to(mut self, console: &Url) -> Self {
        let kept = self
            .cookies
            .remove(&origin(&self.console))
            .unwrap_or_default();
        self.cookies.insert(origin(console), kept);
        self.console = console.clone();
        self
    }

    /// The value of a cookie of the console.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .get(&origin(&self.console))?
            .get(name)
            .map(String::as_str)
    }

    /// Puts a cookie of the console into the browser.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies
            .entry(origin(&self.console))
            .or_default()
            .insert(name.to_owned(), value.to_owned());
    }

    /// The values of the console's cookies.
    pub(crate) fn cookie_values(&self) -> Vec<String> {
        let cookies = self.cookies.get(&origin(&self.console)).into_iter();
        cookies.flat_map(BTreeMap::values).cloned().collect()
    }

    /// The names of the console's cookies.
    pub(crate) fn cookie_names(&self) -> Vec<&str> {
        self.cookies
            .get(&origin(&self.console))
            .into_iter()
            .flat_map(BTreeMap::keys)
            .map(String::as_str)
            .collect()
    }

    /// A request to the console, or to anywhere else by a whole address, to be changed and then
    /// [`Browser::send`]. Without cookies yet.
    #[track_caller]
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        // Not `Url::join`: what a test sends is not to be straightened.
        let url = if path.starts_with('/') {
            format!("{}{path}", origin(&self.console))
        } else {
            path.to_owned()
        };
        self.client.request(method, url)
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Page {
        self.attempt(request).await.expect("an answer")
    }

    /// The same, where the console may close the connection in place of an answer.
    pub(crate) async fn attempt(&mut self, request: RequestBuilder) -> Option<Page> {
        Some(Page::read(self.open(request).await?).await)
    }

    /// The same, where the answer goes on for a while.
    pub(crate) async fn open(&mut self, request: RequestBuilder) -> Option<Response> {
        let mut request = request.build().unwrap();
        let host = origin(request.url());
        let cookies: Vec<String> = self
            .cookies
            .get(&host)
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() && !request.headers().contains_key("cookie") {
            request
                .headers_mut()
                .insert("cookie", cookies.join("; ").parse().unwrap());
        }
        let response = self.client.execute(request).await.ok()?;
        for cookie in response.headers().get_all("set-cookie") {
            self.take_cookie(&host, cookie.to_str().unwrap());
        }
        Some(response)
    }

    fn take_cookie(&mut self, host: &str, cookie: &str) {
        let (name, rest) = cookie.split_once('=').unwrap();
        let attributes: Vec<&str> = rest.split(';').skip(1).map(str::trim).collect();
        if name.starts_with("__Host-") {
            // Browsers drop it otherwise (RFC 6265bis, section 4.1.3.2).
            let is_whole = attributes.contains(&"Secure")
                && attributes.contains(&"Path=/")
                && !cookie.contains("Domain=");
            assert!(is_whole, "{cookie}");
        }
        let jar = self.cookies.entry(host.to_owned()).or_default();
        if attributes.contains(&"Max-Age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// The JSON twin of a page, by this browser's session.
    pub(crate) async fn json(&mut self, path: &str) -> Page {
        self.get(&format!("/api/v1{}", if path == "/" { "" } else { path }))
            .await
    }

    /// The JSON twin of a page, by a token.
    pub(crate) async fn json_with_token(&mut self, path: &str, token: &str) -> Page {
        let path = format!("/api/v1{}", if path == "/" { "" } else { path });
        let request = self.request(Method::GET, &path).bearer_auth(token);
        self.send(request).await
    }

    /// Sends a change to the API with a token. `null`: without a body.
    pub(crate) async fn write(
        &mut self,
        method: Method,
        path: &str,
        user: &str,
        body: Value,
    ) -> Page {
        let request = self
            .request(method, &format!("/api/v1{path}"))
            .bearer_auth(format!("TOKEN-{user}"));
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        self.send(request).await
    }

    /// Sends a form as a page of the console would: with `Origin`.
    pub(crate) async fn post_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self
            .form(path, fields)
            .header("origin", origin(&self.console));
        self.send(request).await
    }

    /// A form, without `Origin` yet.
    #[track_caller]
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(serde_urlencoded::to_string(fields).unwrap())
    }

    /// The form token of this session. No upstream is called for it.
    pub(crate) async fn csrf(&mut self) -> String {
        let page = self.get("/signed-out").await;
        page.attribute("form[action='/logout'] input[name=csrf]", "value")
    }

    pub(crate) async fn sign_out(&mut self) -> Page {
        let csrf = self.csrf().await;
        self.post_form("/logout", &[("csrf", &csrf)]).await
    }

    /// Signs in as a user whose password is the name, and returns the address of the page after it.
    pub(crate) async fn sign_in(&mut self, user: &str) -> String {
        self.sign_in_from("/login", user).await
    }

    /// The same, beginning at `login`.
    pub(crate) async fn sign_in_from(&mut self, login: &str, user: &str) -> String {
        let callback = self.callback_of(login, user).await;
        let page = match callback.split_once('#') {
            Some((_, fragment)) => self.hand_over(fragment).await,
            None => self.get(&callback).await,
        };
        assert_eq!(page.status, 303, "{}", page.text);
        page.location()
    }

    /// Does what the script of the callback page does with the fragment that the OAuth server sent.
    pub(crate) async fn hand_over(&mut self, fragment: &str) -> Page {
        let page = self.get("/oauth/callback").await;
        let mut fields = page.hidden_fields("#rc-implicit-callback");
        for (_, value) in fields.iter_mut().filter(|(name, _)| name == "fragment") {
            fragment.clone_into(value);
        }
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        // As browsers send the forms of pages without a referrer.
        let form = self.form(&page.attribute("#rc-implicit-callback", "action"), &fields);
        self.send(
            form.header("origin", "null")
                .header("sec-fetch-site", "same-origin"),
        )
        .await
    }

    /// Goes to the server that signs users in and back, up to the address at which the console is called back:
    /// path, query and fragment.
    pub(crate) async fn callback_of(&mut self, login: &str, user: &str) -> String {
        let begun = self.get(login).await;
        assert_eq!(begun.status, 303, "{}", begun.text);
        self.authorize(&begun.location(), user).await
    }

    /// Types name and password where the OAuth server or the OIDC issuer asks for them.
    pub(crate) async fn authorize(&mut self, authorize: &str, user: &str) -> String {
        let url = Url::parse(authorize).unwrap();
        let there = |page: &Page| url.join(&page.location()).unwrap().to_string();
        let form_at = there(&self.get(authorize).await);
        let form = self.get(&form_at).await;
        let mut fields = form.hidden_fields("form[method=post]");
        fields.extend([
            ("username".to_owned(), user.to_owned()),
            ("password".to_owned(), user.to_owned()),
        ]);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let action = url
            .join(&form.attribute("form[method=post]", "action"))
            .unwrap();
        let request = self.form(action.as_str(), &fields);
        let granted = there(&self.send(request).await);
        let back = Url::parse(&self.get(&granted).await.location()).unwrap();
        assert_eq!(back.origin(), self.console.origin(), "{back}");
        back[url::Position::BeforePath..].to_owned()
    }
}

/// The JSON of a page, with its status, for the token of a user.
pub(crate) async fn json_of(browser: &mut Browser, path: &str, user: &str) -> Value {
    let token = format!("TOKEN-{user}");
    let page = browser.json_with_token(path, &token).await;
    let mut value: Value = serde_json::from_str(&page.text).unwrap();
    value["status"] = page.status.into();
    // Every response has its own.
    if let Some(problem) = value.as_object_mut().filter(|_| page.status >= 400) {
        problem.remove("request_id");
    }
    value
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's browser is not the console's client"
)]
fn client(http1_only: bool) -> Client {
    let builder = Client::builder()
        // The console makes a certificate of its own where the settings name none.
        .tls_danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60));
    if http1_only {
        builder.http1_only()
    } else {
        builder
    }
    .build()
    .unwrap()
}
