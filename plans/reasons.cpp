#include "plans/reasons.hpp"

namespace tenantry::plans {

std::string_view sentence_of(Reason reason) {
  switch (reason) {
    case Reason::none:
      return "What the configuration wants, what is live and what was last applied agree.";
    case Reason::not_in_state:
      return "It is declared, and neither in the state nor live, so it is created.";
    case Reason::config_changed:
      return "The configuration says something else than when it was last applied.";
    case Reason::drifted:
      return "The live object was changed outside of Tenantry since it was last applied, and is "
             "set "
             "back.";
    case Reason::config_and_drift:
      return "The configuration says something else than when it was last applied, and the live "
             "object was changed outside of Tenantry too.";
    case Reason::gone:
      return "It is in the state, but was deleted outside of Tenantry, so it is created again.";
    case Reason::attribute_cannot_change:
      return "An attribute differs that no call can change, so the object is replaced.";
    case Reason::replace_requested:
      return "The command line asks for a new one with --replace.";
    case Reason::no_longer_declared:
      return "It is in the state, and the configuration no longer declares it.";
    case Reason::destroy_requested:
      return "The command line asks to destroy what is managed.";
    case Reason::adoption:
      return "It exists already, is not in the state, and taking it over is asked for.";
    case Reason::declared_deactivated:
      return "The configuration says `status: deactivated`.";
    case Reason::held:
      return "A `hold` keeps the deactivated tenant: its countdown is restarted before it ends.";
    case Reason::tenant_removed:
      return "The tenant is in the state, and no longer in the configuration.";
    case Reason::declared_active_again:
      return "The tenant is deactivated, and the configuration declares it active.";
    case Reason::purge_date_passed:
      return "The tenant was deactivated, and its purge date has passed.";
    case Reason::attributes_released:
      return "Attributes are no longer written: they are not managed any more and keep their live "
             "value.";
    case Reason::secret_due:
      return "A secret is to be rotated, or an old one is to be retired.";
  }
  return "";
}

}  // namespace tenantry::plans
