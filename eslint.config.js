// Lints the TypeScript that runs in Node and browsers. The AssemblyScript in assembly/ is another language
// that shares the suffix; only its leaf files that both compilers read are linted here.
import tseslint from 'typescript-eslint';

const NODE_FREE = 'src/host runs in browsers: only core-bytes-node.ts may import from Node';

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', 'guests/', 'node_modules/', '**/generated/'] },
  {
    files: [
      'src/**/*.ts',
      'tests/**/*.ts',
      'scripts/**/*.ts',
      'perf/**/*.ts',
      'examples/**/*.ts',
      'assembly/isa/*.ts',
      'assembly/layout.ts',
    ],
    extends: [tseslint.configs.strict],
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/host/**/*.ts'],
    ignores: ['src/host/core-bytes-node.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*', '**/monitor/**', '**/cli/**'], message: NODE_FREE }] },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer'],
    },
  },
  {
    files: ['src/peer/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', '**/cli/**'],
              message: 'imports go one way: cli, peer, monitor, host; peers run in browsers',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'Buffer'],
    },
  },
  {
    files: ['src/monitor/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/cli/**'], message: 'imports go one way: cli, monitor, host' }] },
      ],
    },
  },
  {
    files: ['tests/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['scripts/**/*.ts', 'perf/**/*.ts', 'examples/**/*.ts', 'tests/**/*.ts', 'assembly/isa/generate.ts'],
    rules: { 'no-console': 'off' },
  },
);
