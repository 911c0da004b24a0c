"""Who is who: users, organisations and how organisations follow one another."""

from people.models.accounts import SiteRole as SiteRole
from people.models.accounts import User as User
from people.models.accounts import UserManager as UserManager
from people.models.accounts import audiences_of as audiences_of
from people.models.erasure import ErasureRequest as ErasureRequest
from people.models.memberships import Membership as Membership
from people.models.memberships import MembershipQuerySet as MembershipQuerySet
from people.models.mergers import Merger as Merger
from people.models.mergers import MergerPart as MergerPart
from people.models.mergers import MergerQuerySet as MergerQuerySet
from people.models.organisations import Lineage as Lineage
from people.models.organisations import Organisation as Organisation
from people.models.organisations import OrganisationQuerySet as OrganisationQuerySet
from people.models.organisations import Succession as Succession
from people.models.ways_in import Invitation as Invitation
from people.models.ways_in import Session as Session
from people.models.ways_in import SigninToken as SigninToken
