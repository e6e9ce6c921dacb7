// The answers of a hostile or broken Qlik Cloud to every call of every kind. Input: a first line
// that chooses kind and verb by two letters, then answers, one for each call: an optional line
// "STATUS LOCATION" and the body.
#include <array>
#include <charconv>
#include <deque>

#include "engine/core/text.hpp"
#include "providers/qlik/platform.hpp"
#include "providers/qlik/provider.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run_task.hpp"

namespace tenantry::fuzz {
namespace {

constexpr std::string_view kTenantHost = "acme.eu.qlikcloud.com";
constexpr std::array<std::string_view, 3> kHosts{kTenantHost, "register.eu.qlikcloud.com",
                                                 "console.qlikcloud.com"};

http::Response answer_of(std::string_view text) {
  http::Response response{200, {{"Content-Type", "application/json"}}, {}};
  auto const line = text.substr(0, text.find('\n'));
  int status = 0;
  auto const [end, ec] = std::from_chars(line.data(), line.data() + line.size(), status);
  if (ec == std::errc() && end - line.data() == 3 && status >= 100 && status <= 599) {
    response.status = status;
    auto const location = line.substr(std::min<std::size_t>(4, line.size()));
    if (!location.empty()) response.headers.emplace_back("Location", location);
    if (!location.empty()) response.headers.emplace_back("Retry-After", location);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  response.headers.emplace_back("Date", "Sun, 01 Mar 2026 12:00:00 GMT");
  response.body = text;
  return response;
}

/// Answers from the input; when they are used up nobody is there any more.
class HostileCloud final : public http::Transport {
 public:
  explicit HostileCloud(std::vector<std::string_view> const& answers)
      : answers_(answers.begin(), answers.end()) {}

  Task<http::Response> send(http::Request request) override {
    ensure(std::ranges::find(kHosts, request.host) != kHosts.end(),
           "no answer leads to another host");
    ensure(request.target.starts_with('/') || answered_ > 0, "a request has a path");
    ensure(request.route.endpoint.empty(), "no answer leads to another place");
    if (request.target == "/oauth/token" && !hostile_token) {
      co_return answer_of(R"({"access_token": "token", "expires_in": 21600})");
    }
    ++answered_;
    if (answers_.empty()) co_return Error(Errc::cancelled, "stopped");
    auto const answer = answers_.front();
    answers_.pop_front();
    co_return answer_of(answer);
  }

  bool hostile_token = false;

 private:
  std::deque<std::string_view> answers_;
  std::size_t answered_ = 0;
};

class AllReferences final : public References {
 public:
  RemoteId id_of(std::string_view, std::string_view name) const override {
    return name == "unknown" ? RemoteId() : RemoteId("5f0c2a3b4d5e6f7081920a3b");
  }
};

class AnyFile final : public Files {
 public:
  Result<Content> read(std::string_view) const override {
    return Content{"bytes", "file.png", "image/png"};
  }
};

/// Something of the right shape for each attribute that can be written.
Value sample(Attribute const& attribute, Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return true;
    case Kind::integer:
    case Kind::number:
      return attribute.minimum.value_or(1);
    case Kind::list:
    case Kind::set:
      return Array{sample(attribute, attribute.element)};
    case Kind::object: {
      Object members;
      for (auto const& field : attribute.fields) members[field.name] = sample(field, field.kind);
      return members;
    }
    case Kind::string:
    case Kind::any:
      return attribute.one_of.empty() ? Value("some-text") : Value(attribute.one_of.front());
  }
  return nullptr;
}

Object sample(Schema const& schema) {
  Object out;
  for (auto const& attribute : schema.attributes) {
    if (attribute.use == Use::computed || attribute.use == Use::meta) continue;
    out[attribute.name] = sample(attribute, attribute.kind);
  }
  return out;
}

void check_error(Error const& error) {
  ensure(error.code != Errc::internal, "an answer is no defect of this program");
  ensure(!error.message.empty(), "what is wrong is told");
}

template <class T>
std::optional<T> get(Task<T> task) {
  auto result = test::run(std::move(task));
  if (result) return std::move(*result);
  check_error(result.error());
  return std::nullopt;
}
void done(Task<void> task) {
  auto const result = test::run(std::move(task));
  if (!result) check_error(result.error());
}

void check_object(ResourceType const& type, RemoteObject const& object) {
  for (auto const& member : object.attributes) {
    auto const* const attribute = type.schema().find(member.key());
    ensure(attribute != nullptr, "a live object has attributes of its schema");
    // What the table says of an object must be computable whatever it holds.
    (void)type.on_change(*attribute, object.attributes);
  }
  (void)natural_key(type.schema(), object.attributes);
  (void)type.permanent(object.attributes);
  (void)type.consequence(object.attributes, nullptr);
}

/// One verb of one kind.
class Call {
 public:
  Call(Session& session, ResourceType const& type) : session_(session), type_(type) {}

  void run(char verb) {
    auto const planned = sample(type_.schema());
    switch (verb) {
      case 'l':
        return list();
      case 'r':
        if (auto object = get(type_.read(session_, kId))) check_object(type_, *object);
        return;
      case 'c':
        if (auto made = get(type_.create(operation(), planned))) {
          ensure(!made->object.id.empty(), "what was created has an id");
          check_object(type_, made->object);
        }
        return;
      case 'u':
        (void)get(type_.update(operation(), kId, planned, planned));
        return;
      case 'd':
        return done(type_.remove(operation(), kId));
      case 'e':
        (void)get(type_.export_package(session_, kId));
        return;
      default:
        return secrets(verb);
    }
  }

 private:
  inline static RemoteId const kId{"5f0c2a3b4d5e6f7081920a3b"};

  Operation operation() const {
    return {.session = session_, .references = references_, .files = &files_, .meta = {}};
  }

  void list() {
    auto objects = get(type_.list(session_));
    if (!objects) return;
    for (auto const& object : *objects) {
      ensure(!object.id.empty(), "a listed object has an id");
      check_object(type_, object);
      if (type_.has_detail()) {
        if (auto detail = get(type_.detail(session_, object))) check_object(type_, *detail);
      }
    }
  }

  void secrets(char verb) {
    if (!type_.creates_secret(sample(type_.schema()))) return;
    if (verb == 's') (void)get(type_.list_secrets(session_, kId));
    if (verb == 'a') (void)get(type_.add_secret(operation(), kId));
    if (verb == 'n') (void)get(type_.renew_secret(operation(), kId));
    if (verb == 'o') done(type_.remove_secret(operation(), kId, "abcd"));
  }

  Session& session_;
  ResourceType const& type_;
  AllReferences references_;
  AnyFile files_;
};

void call_tenant(Platform& platform, char verb) {
  auto const& type = qlik_provider().tenant();
  auto& registration = platform.registration("eu");
  auto& tenant = platform.tenant("eu", std::string(kTenantHost));
  RemoteId const id("0123456789abcdef0123456789abcdef");
  switch (verb) {
    case 'l':
      (void)get(type.list(*platform.organization(), "sub"));
      return;
    case 'r':
      (void)get(type.read(tenant, id));
      return;
    case 'm':
      (void)get(type.read(tenant, RemoteId()));
      return;
    case 'c':
      if (auto made = get(type.create(registration, Secret("licence"), "eu-west-1"))) {
        ensure(!made->id.empty(), "a tenant that was created has an id");
      }
      return;
    case 'u':
      return done(type.update(tenant, id, "eu", sample(type.schema())));
    case 'd':
      (void)get(type.deactivate(registration, id, std::string(kTenantHost), 30));
      return;
    default:
      return done(type.reactivate(registration, id, std::string(kTenantHost)));
  }
}

PlatformAccess access() {
  Credential const credential{Secret("oem-eu"), Secret("s3cret"), Secret()};
  PlatformAccess all;
  all.regions["eu"] = {"eu", credential, "", "", true};
  all.organization = {credential, "sub", "", "", true};
  return all;
}

}  // namespace

void api_answers(std::string_view input) {
  auto const choice = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(choice.size() + 1, input.size()));
  if (choice.size() < 2) return;
  constexpr std::size_t kAnswersMax = 50;
  HostileCloud cloud(parts(input, kAnswersMax));
  cloud.hostile_token = choice.size() > 2;
  test::FakeClock clock;
  SeededRandom random(1);
  auto const platform = make_platform(access(), cloud, clock, random);
  auto const& types = qlik_provider().types();
  // 'a' is the tenant, then the kinds in their order.
  auto const number = static_cast<std::size_t>(static_cast<unsigned char>(choice[0] - 'a'));
  if (number == 0 || number > types.size()) return call_tenant(*platform, choice[1]);
  Call(platform->tenant("eu", std::string(kTenantHost)), *types[number - 1]).run(choice[1]);
}

}  // namespace tenantry::fuzz
