// What a session's projection changes on its customer.

export { projectCustomer } from './record/queries.ts'
