export default function SignPage() {
  return null;
}
