// Sign-in, at whatever address was asked for: afterwards that is what is shown.

import { useStore } from '@nanostores/preact'

import { environment } from '../../core/environment.ts'
import { $signInRefusal, $signInState, signIn } from '../../core/sign-in.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Icon } from '../kit/icon.tsx'
import '../parts/control.css'
import './sign-in.css'

export function SignIn() {
  const refusal = useStore($signInRefusal)
  const busy = useStore($signInState) === 'signing-in'

  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <form
        aria-labelledby="sign-in-title"
        onSubmit={(event) => {
          event.preventDefault()
          submit(event.currentTarget)
        }}
      >
        <h1 id="sign-in-title">
          <span class="mark" aria-hidden="true" />
          {words.signIn.title}
        </h1>
        <p class="dim">{words.signIn.lead}</p>
        <label class="field">
          {words.signIn.email}
          <input name="email" type="email" autocomplete="username" required />
        </label>
        <label class="field">
          {words.signIn.password}
          <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {environment().signInBy === 'bearer' && (
          <label class="row small-text">
            <input name="keep" type="checkbox" />
            {words.signIn.keep}
          </label>
        )}
        {refusal && (
          <p class="sign-in-refusal" role="alert">
            <Icon name="warning" small /> {refusal}
          </p>
        )}
        <Button submit kind="primary" busy={busy}>
          {busy ? words.signIn.busy : words.signIn.action}
        </Button>
      </form>
    </main>
  )
}

function submit(form: HTMLFormElement): void {
  const values = new FormData(form)
  void signIn({
    email: String(values.get('email')),
    password: String(values.get('password')),
    keep: values.has('keep'),
  })
}
