#include "cli/man_page.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <ctime>

#include "cli/version.hpp"

namespace tenantry::cli {
namespace {

struct Entry {
  std::string_view name;
  std::string_view text;
};

constexpr std::array kExitCodes{
    Entry{"0", "Done; of plan: a plan was made, with or without changes."},
    Entry{"1", "Failed, and nothing was applied; wrong usage."},
    Entry{"2", "Changes are present (plan --detailed-exitcode, drift)."},
    Entry{"3", "Applied in part."},
    Entry{"4", "A guard stopped something."},
    Entry{"130", "Interrupted."},
};

constexpr std::array kEnvironment{
    Entry{"TENANTRY_VAR_NAME", "The value of the variable NAME of the configuration."},
    Entry{"TENANTRY_CONNECTIONS", "As --connections."},
    Entry{"TENANTRY_STATE_DSN", "Connection string of a state in PostgreSQL."},
    Entry{"TENANTRY_RATE_WINDOW", "Seconds that a test server meters rate limits over."},
    Entry{"HTTPS_PROXY, NO_PROXY", "A proxy, and the hosts that are reached without it."},
    Entry{"NO_COLOR", "Set to anything: no colour."},
    Entry{"CLICOLOR_FORCE", "Set to anything but 0: colour off a terminal too."},
    Entry{"CI", "Set to anything: nothing is drawn in place."},
};

constexpr std::array kFiles{
    Entry{"tenantry.yaml",
          "The configuration, with every other YAML file beside it that has "
          "apiVersion: tenantry/v1."},
    Entry{"tenantry.state", "The state, where nothing else is said. It holds no secret."},
    Entry{".tenantry/", "The emulator of --emulated, and its state."},
};

/// Text of ours for troff: nothing in it is a request or an escape.
std::string escaped(std::string_view text) {
  std::string out;
  bool starts_line = true;
  for (char const c : text) {
    if (starts_line && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    starts_line = c == '\n';
  }
  return out;
}

class Page {
 public:
  void raw(std::string_view line) { text_ += fmt::format("{}\n", line); }
  void line(std::string_view text) { raw(escaped(text)); }
  void section(std::string_view title) { raw(fmt::format(".SH {}", title)); }
  void subsection(std::string_view title) { raw(fmt::format(".SS {}", escaped(title))); }

  void entry(std::string_view head, std::string_view text) {
    raw(".TP");
    raw(head);
    line(text);
  }
  void entries(std::span<Entry const> list) {
    for (auto const& item : list) {
      entry(fmt::format("\\fB{}\\fR", escaped(item.name)), item.text);
    }
  }

  void argument(ArgumentText const& a) {
    auto head = fmt::format("\\fB{}\\fR", escaped(a.name));
    auto const words = a.words();
    if (!a.value.empty()) head += fmt::format(" \\fI{}\\fR", escaped(a.value));
    auto text = a.help;
    if (!text.ends_with('.')) text += '.';
    entry(head, text);
  }

  void examples(CommandText const& command) {
    if (command.examples.empty()) return;
    raw(".PP");
    line(command.examples.size() == 1 ? "Example:" : "Examples:");
    for (auto const& [words, purpose] : command.examples) {
      raw(".PP");
      line(purpose + ':');
      raw(".PP");
      raw(".nf");
      raw(".RS");
      line(words);
      raw(".RE");
      raw(".fi");
    }
  }

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string synopsis(CommandText const& command) {
  auto out = fmt::format("\\fBtenantry {}\\fR", escaped(command.name));
  for (auto const& a : command.positionals) {
    auto const name = fmt::format("\\fI{}\\fR{}", escaped(a.value.empty() ? a.name : a.value),
                                  a.repeatable ? "..." : "");
    out += a.required ? ' ' + name : fmt::format(" [{}]", name);
  }
  if (!command.flags.empty()) out += " [\\fIoptions\\fR]";
  return out;
}

void add_command(CommandText const& command, Page& page) {
  for (auto const& sub : command.commands) add_command(sub, page);
  if (!command.commands.empty()) return;
  page.subsection("tenantry " + command.name);
  page.raw(synopsis(command));
  page.raw(".PP");
  page.line(command.summary + '.');
  for (auto const& a : command.positionals) page.argument(a);
  for (auto const& a : command.flags) page.argument(a);
  page.examples(command);
}

}  // namespace

std::string man_page(CommandText const& program, std::string const& date) {
  Page page;
  page.raw(fmt::format(".TH TENANTRY 1 \"{}\" \"{}\" \"User Commands\"", date, version_line()));
  page.section("NAME");
  page.raw("tenantry \\- configure fleets of Qlik Cloud tenants from files");
  page.section("SYNOPSIS");
  page.raw("\\fBtenantry\\fR [\\fIoptions\\fR] \\fIcommand\\fR [\\fIoptions\\fR]");
  page.section("DESCRIPTION");
  page.line("The configuration in YAML says what tenants there are and what is in each.");
  page.line("A plan shows how that differs from what is live, apply makes the calls that are");
  page.line("needed, in their order, and a state remembers what is owned.");
  page.line("Results go to standard output, everything else to standard error.");
  page.examples(program);
  page.section("OPTIONS");
  page.line("They stand before or after the command.");
  for (auto const& flag : program.flags) page.argument(flag);
  page.section("COMMANDS");
  for (auto const& command : program.commands) add_command(command, page);
  page.section("\"EXIT STATUS\"");
  page.entries(kExitCodes);
  page.section("ENVIRONMENT");
  page.entries(kEnvironment);
  page.section("FILES");
  page.entries(kFiles);
  return page.take();
}

std::string source_date(EnvironmentReader const& environment) {
  auto const text = environment("SOURCE_DATE_EPOCH").value_or("");
  std::time_t seconds = 0;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return {};
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return {};
  return fmt::format("{:%Y-%m-%d}", parts);
}

}  // namespace tenantry::cli
