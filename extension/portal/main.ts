// The workspace as a web page, served by the worker.

import { mountWorkspace } from '../ui/workspace.tsx'
import { webEnvironment } from './environment.ts'

const root = document.querySelector<HTMLElement>('#root')
if (root) mountWorkspace(root, webEnvironment())
