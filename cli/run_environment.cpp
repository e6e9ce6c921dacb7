#include "cli/run_environment.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <charconv>

#include "cli/seams.hpp"
#include "cli/state_path.hpp"
#include "cli/version.hpp"
#include "providers/qlik/platform.hpp"
#include "providers/qlik/provider.hpp"

namespace tenantry::cli {
namespace {

/// A second emulated command on one folder waits a little in any case: the first one is often just
/// about to end.
constexpr std::chrono::milliseconds kEmulatorWaitMin{10'000};

/// Kept open, also where fewer calls are in flight: each tenant has a host of its own.
constexpr std::size_t kConnectionsMin = 256;

http::ClientOptions client_options(RunRequest const& request) {
  http::ClientOptions options;
  options.connections_max = std::max(kConnectionsMin, request.calls_max);
  options.user_agent = fmt::format("tenantry/{}", version());
  // The emulator is on this machine: a proxy could not reach it.
  if (request.target == config::Target::qlik_cloud) http::proxy_from_environment(options);
  return options;
}

/// A test server may meter over less time than Qlik Cloud does, so that a test takes less.
constexpr auto kRateWindowVariable = "TENANTRY_RATE_WINDOW";

Result<std::chrono::seconds> rate_window(Invocation const& invocation) {
  auto const written = invocation.environment(kRateWindowVariable);
  if (!written || written->empty()) return kRateWindow;
  int seconds = 0;
  auto const* const end = written->data() + written->size();
  auto const parsed = std::from_chars(written->data(), end, seconds);
  bool const fits = parsed.ec == std::errc() && parsed.ptr == end && seconds >= 1 &&
                    std::chrono::seconds(seconds) <= kRateWindow;
  if (fits) return std::chrono::seconds(seconds);
  return Error(Errc::invalid,
               fmt::format("{} is no number of seconds from 1 to {}", kRateWindowVariable,
                           kRateWindow.count()),
               "unset it: it is for test servers alone");
}

}  // namespace

Result<std::unique_ptr<RunEnvironment>> RunEnvironment::open(Invocation& invocation,
                                                             RunRequest request,
                                                             run::Observer& observer) {
  std::unique_ptr<RunEnvironment> self(new RunEnvironment);
  self->configuration_ = request.configuration;
  auto access = self->access(invocation, request);
  if (!access) return access.error();
  auto const window = rate_window(invocation);
  if (!window) return window.error();
  auto opened = self->open_state(invocation, request);
  if (!opened) return opened.error();
  if (self->emulated_) {
    auto names = self->regions();
    if (!names) return names.error();
    names->insert(request.regions.begin(), request.regions.end());
    *access = self->emulated_->access(*names);
  }

  self->client_ = std::make_unique<http::Client>(self->io_.get_executor(), client_options(request));
  self->transport_ = std::make_unique<http::BoundedTransport>(
      *self->client_, self->io_.get_executor(), request.calls_max);
  http::Transport& transport = watched(*self->transport_);
  self->platform_ =
      make_platform(std::move(*access), transport, invocation.clock, invocation.random, *window);
  auto* const network = request.network == Network::used ? &transport : nullptr;
  self->sinks_ = std::make_unique<sinks::Sinks>(*self->configuration_, network, invocation.clock,
                                                invocation.random, self->stop_);
  self->context_.emplace(run::Context{*self->configuration_, qlik_provider(), *self->platform_,
                                      *self->store_, invocation.clock, invocation.random, observer,
                                      watched(*self->sinks_), self->stop_});
  if (self->emulated_) self->context_->emulated_license_key = self->emulated_->license_key();
  // From here on a signal has something to stop; before, it just ends the process.
  self->signals_ = std::make_unique<Signals>(self->io_, self->stop_, invocation.console);
  auto& platform = *self->platform_;
  self->signals_->on_stop([&platform, deadline = self->state_deadline_] {
    platform.stop();
    deadline->set(kGracePeriod);
  });
  auto& sinks = *self->sinks_;
  self->signals_->on_abort([&platform, &sinks] {
    platform.abort();
    sinks.abort();
  });
  return self;
}

RunEnvironment::~RunEnvironment() {
  if (signals_) signals_->close();
  if (client_) client_->cancel_all();
  sinks_.reset();
  // What was cancelled ends now, while everything that it refers to is still there.
  io_.restart();
  io_.poll();
  store_.reset();
  std::error_code ignored;
  if (!scratch_.empty()) std::filesystem::remove_all(scratch_, ignored);
}

Result<state::StateLocation> RunEnvironment::make_scratch() {
  std::error_code failure;
  auto pattern = (std::filesystem::temp_directory_path(failure) / "tenantry-XXXXXX").string();
  if (failure || ::mkdtemp(pattern.data()) == nullptr) {
    return Error(Errc::io, fmt::format("cannot make a folder {}", pattern));
  }
  scratch_ = pattern;
  return state::StateLocation(scratch_ / "tenantry.state");
}

Result<void> RunEnvironment::open_state(Invocation& invocation, RunRequest const& request) {
  auto location = request.scratch_state
                      ? make_scratch()
                      : state_location(invocation, *configuration_, request.target);
  if (!location) return location.error();
  if (request.target == config::Target::emulated) {
    auto const folder = make_private_folder(configuration_->folder());
    if (!folder) return folder.error();
  }
  auto const open = [&](state::OpenMode mode) {
    return state::open_store(io_.get_executor(), *location, mode, invocation.clock,
                             invocation.random, state_deadline_);
  };
  auto store = open(request.state_mode);
  if (!store && store.error().code == Errc::forbidden && request.mostly_reads) {
    auto read_only = open(state::OpenMode::read_only);
    if (read_only) store = std::move(read_only);
  }
  if (!store) return store.error();
  store_ = watched(std::move(*store));
  return {};
}

Result<PlatformAccess> RunEnvironment::access(Invocation& invocation, RunRequest const& request) {
  if (request.network == Network::unused) return PlatformAccess{};
  if (request.target == config::Target::emulated) {
    auto cloud = EmulatedCloud::open(invocation, configuration_->folder(),
                                     std::max(request.lock_timeout, kEmulatorWaitMin));
    if (!cloud) return cloud.error();
    emulated_ = std::move(*cloud);
    return PlatformAccess{};  // once the state is open, which knows regions of its own
  }
  Diagnostics diagnostics;
  auto access = run::platform_access(*configuration_, request.selection, diagnostics);
  invocation.console.err(diagnostics_text(diagnostics, invocation.console.style().log_level));
  return access;
}

namespace {

/// Regions of tenants that the state alone knows: they may be gone from the configuration.
Task<std::set<std::string>> regions_in_state(state::Store& store) {
  std::set<std::string> names;
  auto const tenants = co_await store.tenants();
  if (!tenants) co_return tenants.error();
  for (auto const& key : *tenants) {
    auto const tenant = co_await store.load(key);
    if (!tenant) co_return tenant.error();
    auto const* record = tenant->find(Address{key, {}, {}});
    if (record != nullptr) names.insert(text_at(record->extra, "region"));
  }
  names.erase("");
  co_return names;
}

}  // namespace

Result<std::set<std::string>> RunEnvironment::regions() {
  auto names = run(regions_in_state(*store_));
  if (!names) return names;
  for (auto const& [name, region] : configuration_->regions()) names->insert(name);
  for (auto const& tenant : configuration_->tenants()) {
    if (!tenant.region.empty()) names->insert(tenant.region);
  }
  return names;
}

}  // namespace tenantry::cli
