// Three kinds of tests: rules in Node, rooms in workerd, journeys against the built worker.

import { fileURLToPath } from 'node:url'

import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** What needs workerd's own objects and D1. */
const rooms = ['worker/**/{object,queries,routes,fence}.test.ts']
const journeys = ['tests/journeys/**/*.test.ts']
const ownRunner = ['tests/e2e/**', 'tests/crash/**', '**/node_modules/**', 'dist/**', '.output/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'rules',
          include: ['**/*.test.ts'],
          exclude: [...rooms, ...journeys, ...ownRunner],
          setupFiles: ['./tests/seed.ts'],
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            main: './worker/index.ts',
            miniflare: {
              compatibilityDate: '2026-11-01',
              compatibilityFlags: ['nodejs_compat'],
              d1Databases: ['DB'],
              r2Buckets: ['FILES'],
              durableObjects: {
                THREAD: { className: 'ThreadObject', useSQLite: true },
                SESSION: { className: 'SessionObject', useSQLite: true },
                INBOX: { className: 'InboxObject', useSQLite: true },
                UPLOAD: { className: 'UploadObject', useSQLite: true },
                ANALYSIS: { className: 'AnalysisObject', useSQLite: true },
              },
              bindings: {
                SECRET_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
                PUBLIC_URL: 'https://alongside.example',
                // How often the deep properties are tried; their usual share without a number.
                DEEP_RUNS: process.env['DEEP_RUNS'] ?? '',
                ORACLE_RUNS: process.env['ORACLE_RUNS'] ?? '',
                FC_SEED: process.env['FC_SEED'] ?? '',
                MIGRATIONS: await readD1Migrations(
                  fileURLToPath(new URL('./migrations', import.meta.url)),
                ),
              },
            },
          })),
        ],
        test: {
          name: 'rooms',
          include: rooms,
          setupFiles: ['./tests/seed.ts', './tests/workerd.ts'],
        },
      },
      {
        test: {
          name: 'journeys',
          include: journeys,
          globalSetup: ['./tests/build.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
