#include "sinks/sinks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine/run/resolve.hpp"
#include "sinks/command_sink.hpp"
#include "sinks/file_sink.hpp"

namespace tenantry::sinks {
namespace asio = boost::asio;
namespace {

/// Enough to hide the disk's latency, and for a few commands at a time.
constexpr std::size_t kThreads = 8;

/// A sink's one member: which kind it is, and what it says.
struct Named {
  std::string_view kind;
  Value const* value = nullptr;
};

Result<Named> named(Value const& sink) {
  auto const* object = sink.if_object();
  if (object != nullptr && object->size() == 1) {
    std::string_view const kind = object->begin()->key();
    if (kind == "file" || kind == "command" || kind == "vault") {
      return Named{kind, &object->begin()->value()};
    }
  }
  return Error(Errc::invalid, "`deliverSecret` names no sink that this version knows",
               "write {file: PATH}, {command: [PROGRAM, ...]} or {vault: {...}}");
}

/// On one of the threads.
asio::awaitable<Result<std::string>> write_there(std::filesystem::path path,
                                                 std::filesystem::path folder,
                                                 run::Delivery delivery) {
  auto const checked = check_file_sink(path, folder);
  if (!checked) co_return checked.error();
  co_return write_file_sink(path, delivery);
}

asio::awaitable<Result<std::string>> run_there(CommandSink command, run::Delivery delivery,
                                               Interrupt const& interrupt) {
  co_return run_command_sink(command, delivery, interrupt);
}

}  // namespace

Sinks::Sinks(config::Configuration const& configuration, http::Transport* transport, Clock& clock,
             Random& random, run::StopFlag const& stop)
    : configuration_(configuration), threads_(kThreads) {
  if (transport != nullptr) vault_.emplace(*transport, clock, random, stop);
}

Sinks::~Sinks() {
  interrupt_.request();
  threads_.join();
}

Result<void> Sinks::check(Value const& sink) const {
  auto const which = named(sink);
  if (!which) return which.error();
  auto const& folder = configuration_.folder();
  if (which->kind == "file") return check_file_sink(file_sink(*which->value, folder), folder);
  if (which->kind == "command") {
    auto const command = command_sink(*which->value, folder);
    if (!command) return command.error();
    return {};
  }
  if (!vault_) return {};
  // A token that is not set is found out here, and not when the secret is already made.
  auto const revealed = run::reveal_all(*which->value, configuration_.variables());
  if (!revealed) return revealed.error();
  auto const vault = vault_address(*revealed, folder);
  if (!vault) return vault.error();
  return {};
}

Task<std::string> Sinks::deliver(Value sink, run::Delivery delivery) {
  auto const which = named(sink);
  if (!which) co_return which.error();
  auto const& folder = configuration_.folder();
  if (which->kind == "file") {
    auto path = file_sink(*which->value, folder);
    auto task = write_there(std::move(path), folder, std::move(delivery));
    co_return co_await asio::co_spawn(threads_, std::move(task), asio::use_awaitable);
  }
  if (which->kind == "command") {
    auto command = command_sink(*which->value, folder);
    if (!command) co_return command.error();
    // It gets the one secret that it is to store, and not those that made it.
    command->hidden = configuration_.variables().secret_environment();
    command->hidden.emplace_back("TENANTRY_STATE_DSN");
    auto task = run_there(std::move(*command), std::move(delivery), interrupt_);
    co_return co_await asio::co_spawn(threads_, std::move(task), asio::use_awaitable);
  }
  auto const revealed = run::reveal_all(*which->value, configuration_.variables());
  if (!revealed) co_return revealed.error();
  auto vault = vault_address(*revealed, folder);
  if (!vault) co_return vault.error();
  if (!vault_) co_return Error(Errc::internal, "there is no network to reach Vault by");
  co_return co_await vault_->deliver(std::move(*vault), std::move(delivery));
}

}  // namespace tenantry::sinks
