// Who may do what. A role is a set of named flags; the worker checks them, the face mirrors them.

/** Every permission, and the sentence that explains its absence on a disabled control. */
export const permissions = {
  'customers.view': 'You do not have permission to see customers',
  'customers.add': 'Your role does not include the matching permission.',
  'customers.edit': 'Your role does not include the matching permission.',
  'customers.delete': 'Your role does not include the matching permission.',
  'customers.download': 'Your role does not include the matching permission.',
  'fields.manage': 'You do not have permission to manage fields',
  'filters.share': 'You do not have permission to share filters',
  'customers.merge': 'You do not have permission to merge customers',
  'campaigns.manage': 'You do not have permission to manage campaigns',
  'analysis.run': 'You do not have permission to run analyses',
  'sessions.view': 'You do not have permission to read sessions',
  'sessions.reply': 'You do not have permission to answer customers',
  'sessions.handover': 'You do not have permission to hand over sessions',
  'sessions.takeover': 'You do not have permission to take over sessions',
  'sessions.assign': 'You do not have permission to assign sessions',
  'logs.view': 'You do not have permission to read logs',
  'connections.manage': 'You do not have permission to manage channels',
  'agents.manage': 'You do not have permission to manage agents',
  'members.manage': 'You do not have permission to manage people',
  'settings.manage': 'You do not have permission to change settings',
  'audit.view': 'You do not have permission to read the audit log',
} as const
export type Permission = keyof typeof permissions

const everything = Object.keys(permissions) as Permission[]
const viewer: readonly Permission[] = ['customers.view', 'sessions.view']
const operator: readonly Permission[] = [
  ...viewer,
  'customers.add',
  'customers.edit',
  'sessions.reply',
  'sessions.handover',
  'sessions.takeover',
  'sessions.assign',
  'logs.view',
]

/** The roles, from the most to the least. An owner differs from an admin in that one must remain. */
export const roles = {
  owner: everything,
  admin: everything,
  operator,
  viewer,
} as const satisfies Record<string, readonly Permission[]>
export type Role = keyof typeof roles
export const roleNames = Object.keys(roles) as [Role, ...Role[]]

export function may(role: Role, permission: Permission): boolean {
  return (roles[role] as readonly Permission[]).includes(permission)
}
