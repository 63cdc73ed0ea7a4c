export default function OnboardPage() {
  return null;
}
