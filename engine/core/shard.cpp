#include "engine/core/shard.hpp"

#include <fmt/format.h>

#include <charconv>

#include "engine/core/digest.hpp"
#include "engine/core/text.hpp"

namespace tenantry {
namespace {

/// The first 64 bits of the key's SHA-256: evenly spread, and the same everywhere.
std::uint64_t hash_of(std::string_view key) {
  constexpr std::size_t kHexDigits = 16;
  auto const hex = sha256_hex(key);
  std::uint64_t hash = 0;
  std::from_chars(hex.data(), hex.data() + kHexDigits, hash, 16);
  return hash;
}

bool parse_number(std::string_view text, std::int32_t& out) {
  auto const* end = text.data() + text.size();
  auto const [stop, failure] = std::from_chars(text.data(), end, out);
  return failure == std::errc() && stop == end && out >= 1;
}

}  // namespace

std::int32_t shard_of(std::string_view tenant, std::int32_t count) {
  // Jump consistent hashing (Lamping and Veach, 2014): even, without a table.
  auto hash = hash_of(tenant);
  std::int64_t bucket = -1;
  std::int64_t next = 0;
  while (next < count) {
    bucket = next;
    hash = hash * 2862933555777941757ULL + 1;
    constexpr double kScale = 2147483648.0;  // 2^31
    auto const step = kScale / static_cast<double>((hash >> 33U) + 1);
    next = static_cast<std::int64_t>(static_cast<double>(bucket + 1) * step);
  }
  return static_cast<std::int32_t>(bucket) + 1;
}

bool Shard::holds(std::string_view tenant) const {
  return count <= 1 || shard_of(tenant, count) == index;
}

std::string Shard::text() const { return fmt::format("{}/{}", index, count); }

Result<Shard> parse_shard(std::string_view text) {
  Shard shard;
  auto const slash = text.find('/');
  bool const well_formed = slash != std::string_view::npos &&
                           parse_number(text.substr(0, slash), shard.index) &&
                           parse_number(text.substr(slash + 1), shard.count);
  if (well_formed && shard.index <= shard.count && shard.count <= Shard::kCountMax) return shard;
  return Error(Errc::invalid, fmt::format("{} is no shard", visible(text)),
               fmt::format("write I/N, the I-th of N shards, from 1/N to N/N; N is at most {}",
                           Shard::kCountMax));
}

}  // namespace tenantry
