// The tenant: created, deactivated and reactivated on the register host, read and updated on its
// own, listed by the organization API on the console host.
#include <fmt/format.h>

#include "providers/qlik/collection.hpp"
#include "providers/qlik/kinds.hpp"
#include "providers/qlik/problem.hpp"

namespace tenantry::qlik {
namespace {

constexpr std::string_view kPath = "/api/v1/tenants";
constexpr std::string_view kConfirm = "qlik-confirm-hostname";

Attribute flag(std::string name, bool server_default, std::string doc) {
  Attribute attribute;
  attribute.name = std::move(name);
  attribute.kind = Kind::boolean;
  attribute.doc = std::move(doc);
  attribute.block = "settings";
  attribute.server_default = server_default;
  return attribute;
}

Schema const& tenant_schema() {
  static Schema const schema{
      .section = "",
      .singular = "tenant",
      .doc =
          "A Qlik Cloud tenant: an isolated place with its own host name, users and content, "
          "which nothing outside refers to.",
      .attributes =
          {
              {.name = "name",
               .doc = "Display name. A new tenant is called by its generated host name until one "
                      "is set.",
               .length_min = 1},
              {.name = "alias",
               .doc = "The readable host name, without region and domain: `acme` for "
                      "acme.<region>.qlikcloud.com. Unique in the region. It can be replaced but "
                      "never removed, and a former alias is free for anybody.",
               .format = Format::hostname_label},
              {.name = "datacenter",
               .on_change = OnChange::refuse,
               .doc = "AWS-style name of the data centre, e.g. `eu-west-1`. The region decides "
                      "when it is not written.",
               .refusal = "the data centre is chosen when a tenant is created, and no API call "
                          "moves a tenant"},
              {.name = "licenseKey",
               .use = Use::meta,
               .doc = "Signed licence key that a new tenant is created with. Needed only then; "
                      "the region's key is used when the tenant has none of its own.",
               .sensitive = true,
               .write_only = true},
              flag("autoAssignCreateSharedSpacesRoleToProfessionals", true,
                   "Whether users with a professional entitlement may create shared spaces."),
              flag("autoAssignPrivateAnalyticsContentCreatorRoleToProfessionals", true,
                   "Whether users with a professional entitlement may create private analytics "
                   "content."),
              flag("autoAssignDataServicesContributorRoleToProfessionals", true,
                   "Whether users with a professional entitlement may use the data services."),
              flag("enableAnalyticCreation", false,
                   "Whether the creation of analytics content is on. Qlik has deprecated this "
                   "setting and ends it in March 2027."),
              flag("enableAppOpeningFeedback", false,
                   "Whether users are shown the progress while an app opens."),
          },
      .natural_key = {"alias"},
  };
  return schema;
}

std::string path_of(RemoteId const& id) {
  ensure(!id.empty(), "a tenant that is addressed has an id");
  return fmt::format("{}/{}", kPath, encode_segment(id.text()));
}

/// "acme" of "acme.eu.qlikcloud.com".
std::string label_of(std::string_view hostname) {
  return std::string(hostname.substr(0, hostname.find('.')));
}

/// "eu" of "acme.eu.qlikcloud.com"; the data centre's name does not tell it.
std::string region_of(std::string_view hostname) {
  auto const dot = hostname.find('.');
  return dot == std::string_view::npos ? std::string() : label_of(hostname.substr(dot + 1));
}

std::vector<std::string> hostnames_of(Object const& body) {
  std::vector<std::string> out;
  auto const* names = find(body, "hostnames");
  if (names == nullptr || !names->is_array()) return out;
  for (auto const& name : names->get_array()) {
    if (name.is_string()) out.emplace_back(std::string_view(name.get_string()));
  }
  return out;
}

TenantObject tenant_from(Object const& body, std::optional<WallTime> server_time) {
  TenantObject tenant;
  tenant.id = RemoteId(text_at(body, "id"));
  auto const hostnames = hostnames_of(body);
  if (!hostnames.empty()) tenant.hostname = hostnames[0];
  if (hostnames.size() > 1) tenant.alias = label_of(hostnames[1]);
  tenant.status = text_at(body, "status");
  tenant.region = text_at(body, "region");
  if (tenant.region.empty()) tenant.region = region_of(tenant.hostname);
  tenant.datacenter = text_at(body, "datacenter");
  tenant.attributes = declared(tenant_schema(), body);
  tenant.attributes.erase("alias");  // no member of the API's own
  if (!tenant.alias.empty()) tenant.attributes["alias"] = tenant.alias;
  tenant.server_time = server_time;
  return tenant;
}

TenantListing listing_from(Object const& body) {
  TenantListing listing;
  listing.id = RemoteId(text_at(body, "id"));
  listing.name = text_at(body, "name");
  listing.hostnames = hostnames_of(body);
  if (!listing.hostnames.empty()) listing.region = region_of(listing.hostnames[0]);
  listing.status = text_at(body, "status");
  listing.created_at = text_at(body, "createdAt");
  listing.created_by = text_at(body, "createdBy");
  listing.license_number = text_at(body, "licenseNumber");
  listing.datacenter = text_at(body, "regionCode");
  return listing;
}

/// A text inside a SCIM filter (RFC 7644, 3.4.2.2: as in JSON).
std::string scim_text(std::string const& text) {
  return boost::json::serialize(boost::json::string(text));
}

/// The patch path and value of one changed attribute.
Result<void> add_change(Object& changes, std::string_view name, Value const& value,
                        std::string const& region) {
  auto const* attribute = tenant_schema().find(name);
  ensure(attribute != nullptr, "a changed attribute is in the schema");
  if (attribute->use == Use::meta) return {};
  if (attribute->on_change == OnChange::refuse) {
    return Error(Errc::invalid, fmt::format("`{}` cannot change: {}", name, attribute->refusal));
  }
  if (name != "alias") {
    changes[name] = value;
    return {};
  }
  if (!value.is_string() || value.get_string().empty()) {
    return Error(Errc::invalid, "the alias of a tenant can be replaced, but not removed");
  }
  changes["hostnames/1"] =
      fmt::format("{}.{}.qlikcloud.com", std::string_view(value.get_string()), region);
  return {};
}

class QlikTenant final : public TenantType {
 public:
  Schema const& schema() const override { return tenant_schema(); }

  Task<TenantObject> create(Session& registration, Secret license_key,
                            std::string datacenter) const override {
    Object body{{"licenseKey", license_key.reveal()}};
    if (!datacenter.empty()) body["datacenter"] = datacenter;
    auto reply = co_await post(registration, std::string(kPath), std::move(body));
    if (!reply) {
      auto error = reply.error();
      mask(error, license_key);
      co_return error;
    }
    auto created = created_body(*reply, "id", "tenant");
    if (!created) co_return created.error();
    auto tenant = tenant_from(*created, reply->server_time);
    if (tenant.hostname.empty()) {
      co_return Error(Errc::lost_reply, fmt::format("the tenant {} was created, but the answer "
                                                    "does not tell its host name",
                                                    tenant.id.text()));
    }
    co_return tenant;
  }

  Task<TenantObject> read(Session& tenant, RemoteId id) const override {
    Call call{.path = id.empty() ? fmt::format("{}/me", kPath) : path_of(id)};
    auto reply = co_await tenant.call(std::move(call));
    if (!reply) co_return reply.error();
    auto const* body = reply->body.if_object();
    if (body == nullptr || text_at(*body, "id").empty()) {
      co_return Error(Errc::protocol,
                      fmt::format("{} does not tell which tenant it is", tenant.host()));
    }
    co_return tenant_from(*body, reply->server_time);
  }

  Task<void> update(Session& tenant, RemoteId id, std::string region,
                    Object changed) const override {
    Object changes;
    for (auto const& member : changed) {
      auto added = add_change(changes, member.key(), member.value(), region);
      if (!added) co_return added.error();
    }
    if (changes.empty()) co_return Result<void>();
    auto reply = co_await patch_replace(tenant, path_of(id), std::move(changes));
    if (!reply) co_return reply.error();
    co_return Result<void>();
  }

  Task<Deactivation> deactivate(Session& registration, RemoteId id, std::string hostname,
                                std::optional<int> purge_after_days) const override {
    auto call = confirmed(id, "deactivate", hostname);
    if (purge_after_days) call.body = Object{{"purgeAfterDays", *purge_after_days}};
    call.repeatable = true;  // a second one starts the same countdown again
    auto reply = co_await registration.call(std::move(call));
    if (!reply) co_return reply.error();
    Deactivation out;
    if (auto const* body = reply->body.if_object()) {
      out.status = text_at(*body, "status");
      out.purge_date = text_at(*body, "estimatedPurgeDate");
    }
    co_return out;
  }

  Task<void> reactivate(Session& registration, RemoteId id, std::string hostname) const override {
    auto call = confirmed(id, "reactivate", hostname);
    auto reply = co_await registration.call(std::move(call));
    if (!reply) co_return reply.error();
    co_return Result<void>();
  }

  Task<std::vector<TenantListing>> list(Session& organization,
                                        std::string subscription_id) const override {
    std::vector<std::pair<std::string, std::string>> query;
    if (!subscription_id.empty()) {
      query.emplace_back("filter", "subscriptionId eq " + scim_text(subscription_id));
    }
    Paging const paging;
    auto bodies = co_await list_all(organization, "/api/core/tenants", std::move(query), paging);
    if (!bodies) co_return bodies.error();
    std::vector<TenantListing> out;
    for (auto const& body : *bodies) out.push_back(listing_from(body));
    co_return out;
  }

 private:
  /// Deactivation and reactivation ask for the host name, so that a wrong id cannot hit another
  /// tenant.
  static Call confirmed(RemoteId const& id, std::string_view action, std::string const& hostname) {
    Call call{.verb = Verb::post, .path = fmt::format("{}/actions/{}", path_of(id), action)};
    call.headers.emplace_back(kConfirm, hostname);
    return call;
  }
};

}  // namespace

TenantType const& tenant_type() {
  static QlikTenant const type;
  return type;
}

}  // namespace tenantry::qlik
