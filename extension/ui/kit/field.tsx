// What is filled in: a label, a control, and what is wrong with it, said to who listens too.

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

import './field.css'

export interface FieldProps {
  readonly label: string
  readonly help?: string | undefined
  readonly error?: ComponentChildren
  /** Draws the control; what it is given ties label, help and error to it. */
  readonly children: (ties: Ties) => ComponentChildren
}
export interface Ties {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

export function Field({ label, help, error, children }: FieldProps) {
  const id = useId()
  const about = error || help ? `${id}-about` : undefined

  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': error ? true : undefined })}
      {about && (
        <p
          id={about}
          class={error ? 'field-error' : 'field-help'}
          role={error ? 'alert' : undefined}
        >
          {error || help}
        </p>
      )}
    </div>
  )
}

export interface SelectProps extends Partial<Ties> {
  readonly value: string
  readonly label?: string
  readonly options: readonly { readonly value: string; readonly title: string }[]
  readonly disabled?: boolean
  readonly onSelect: (value: string) => void
}

export function Select({ value, label, options, onSelect, ...ties }: SelectProps) {
  return (
    <select
      {...ties}
      class="control"
      aria-label={label}
      value={value}
      onChange={(event) => onSelect(event.currentTarget.value)}
    >
      {options.map((one) => (
        <option key={one.value} value={one.value} selected={one.value === value}>
          {one.title}
        </option>
      ))}
    </select>
  )
}

type InputProps = Partial<Ties> & {
  readonly value: string
  readonly label?: string | undefined
  readonly type?: 'text' | 'date' | 'number' | 'email' | 'tel'
  readonly placeholder?: string
  readonly min?: number
  readonly autofocus?: boolean
  readonly invalid?: boolean
  readonly onText: (text: string) => void
  readonly onEnter?: () => void
}

export function Input(props: InputProps) {
  const { label, invalid, type = 'text', onText, onEnter, value, placeholder, autofocus } = props

  return (
    <input
      id={props.id}
      class="control"
      // Safe: every type of ours takes the same attributes; their types are one each.
      type={type as 'text'}
      value={value}
      placeholder={placeholder}
      min={props.min}
      aria-label={label}
      aria-describedby={props['aria-describedby']}
      aria-invalid={invalid || props['aria-invalid'] || undefined}
      autocomplete="off"
      autofocus={autofocus}
      onInput={(event) => onText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && onEnter) {
          event.preventDefault()
          onEnter()
        }
      }}
    />
  )
}

export interface CheckProps {
  readonly label: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly bare?: boolean
  readonly onCheck: (checked: boolean) => void
}

export function Check({ label, checked, disabled, bare, onCheck }: CheckProps) {
  return (
    <label class={bare ? 'check bare' : 'check'}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-label={bare ? label : undefined}
        onChange={(event) => onCheck(event.currentTarget.checked)}
      />
      {!bare && <span>{label}</span>}
    </label>
  )
}
