#include "plans/spool.hpp"

#include <limits>

namespace tenantry::plans {

Result<SpoolPlace> Spool::add(std::string_view piece) {
  if (piece.size() > std::numeric_limits<std::uint32_t>::max()) {
    return Error(Errc::too_large, "the plan of one tenant is larger than 4 GiB");
  }
  SpoolPlace const place{in_file() + tail_.size(), static_cast<std::uint32_t>(piece.size())};
  tail_ += piece;
  if (tail_.size() <= kMemoryMax) return place;
  if (!file_) {
    auto file = ScratchFile::create();
    if (!file) return file.error();
    file_.emplace(std::move(*file));
  }
  auto const appended = file_->append(tail_);
  if (!appended) return appended.error();
  tail_.clear();
  return place;
}

Result<std::string> Spool::read(SpoolPlace place) const {
  if (place.offset < in_file()) return file_->read(place.offset, place.size);
  return tail_.substr(static_cast<std::size_t>(place.offset - in_file()), place.size);
}

}  // namespace tenantry::plans
